// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @title The two questions that we ask the stock ERC-1056 registry
/// @notice Follows ERC-1056. Leaves out everything that writes: participants call the registry themselves, and
/// never through its `*Signed` functions, whose signatures carry no chain id.
interface IEthereumDIDRegistry {
    /// @notice The account that speaks for an identity: the identity itself until it names another.
    /// @param identity The account whose identity it is.
    /// @return owner The account that may act for it.
    function identityOwner(address identity) external view returns (address owner);

    /// @notice Whether an identity has named a delegate of a type, now.
    /// @param identity The account whose identity it is.
    /// @param delegateType The type, as left-aligned text.
    /// @param delegate The account asked about.
    /// @return valid Whether the delegate is named and its time has not run out.
    function validDelegate(address identity, bytes32 delegateType, address delegate) external view returns (bool valid);
}
