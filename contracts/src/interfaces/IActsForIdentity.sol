// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {IEthereumDIDRegistry} from "./IEthereumDIDRegistry.sol";

/// @title Who may act for an identity
/// @notice An identity's owner, or a delegate of type `operator` that the owner named in the ERC-1056 registry.
interface IActsForIdentity {
    /// @notice The caller is neither owner nor operator of the identity.
    /// @param identity The identity that it wanted to act for.
    /// @param caller The account that called.
    error NotOperator(address identity, address caller);

    /// @notice The caller is not the owner of the identity; an operator is not enough here.
    /// @param identity The identity that it wanted to act for.
    /// @param caller The account that called.
    error NotOwner(address identity, address caller);

    /// @notice The address given is no contract.
    /// @param found The address.
    error NotAContract(address found);

    /// @notice The ERC-1056 registry that is asked.
    function didRegistry() external view returns (IEthereumDIDRegistry registry);
}
