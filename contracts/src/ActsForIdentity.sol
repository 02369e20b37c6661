// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IActsForIdentity} from "./interfaces/IActsForIdentity.sol";
import {IEthereumDIDRegistry} from "./interfaces/IEthereumDIDRegistry.sol";

/// @title The implementation of IActsForIdentity, which says what everything here means
abstract contract ActsForIdentity is IActsForIdentity {
    /// @dev ERC-1056 delegate type: left-aligned text.
    bytes32 internal constant OPERATOR = "operator";

    /// @inheritdoc IActsForIdentity
    IEthereumDIDRegistry public immutable override didRegistry;

    constructor(IEthereumDIDRegistry registry) {
        if (address(registry).code.length == 0) revert NotAContract(address(registry));
        didRegistry = registry;
    }

    /// @dev Reverts unless the caller is the identity's owner or operator. The registry is stock code that calls nobody.
    modifier onlyOperator(address identity) {
        if (
            didRegistry.identityOwner(identity) != msg.sender
                && !didRegistry.validDelegate(identity, OPERATOR, msg.sender)
        ) revert NotOperator(identity, msg.sender);
        _;
    }
}
