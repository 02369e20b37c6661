// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActsForIdentity} from "./ActsForIdentity.sol";
import {IActsForIdentity} from "./interfaces/IActsForIdentity.sol";
import {IAnchorRegistry} from "./interfaces/IAnchorRegistry.sol";
import {ITrustRegistry} from "./interfaces/ITrustRegistry.sol";

/// @title The implementation of IAnchorRegistry, which says what everything here means
contract AnchorRegistry is IAnchorRegistry, ActsForIdentity {
    uint64 private constant LARGEST_TREE = 1 << 32;

    /// @inheritdoc IAnchorRegistry
    ITrustRegistry public immutable override trustRegistry;

    mapping(
        address issuer
            => mapping(bytes32 schema => mapping(uint256 grantNumber => mapping(bytes32 root => Anchor found)))
    ) private _anchors;

    constructor(ITrustRegistry trust) ActsForIdentity(IActsForIdentity(address(trust)).didRegistry()) {
        trustRegistry = trust;
    }

    /// @inheritdoc IAnchorRegistry
    function anchor(address issuer, bytes32 schema, uint256 grantNumber, bytes32 root, uint64 size)
        external
        override
        onlyOperator(issuer)
    {
        if (root == 0) revert ZeroRoot();
        if (size == 0 || size > LARGEST_TREE) revert TreeSizeOutOfRange(size);
        if (!trustRegistry.mayIssue(grantNumber, issuer, schema)) {
            revert GrantDoesNotHold(issuer, schema, grantNumber);
        }
        Anchor storage found = _anchors[issuer][schema][grantNumber][root];
        if (found.size != 0) revert AlreadyAnchored(root, found.size);
        found.size = size;
        found.time = uint64(block.timestamp);
        found.blockNumber = uint64(block.number);
        emit Anchored(issuer, schema, grantNumber, root, size);
    }

    /// @inheritdoc IAnchorRegistry
    function anchorOf(address issuer, bytes32 schema, uint256 grantNumber, bytes32 root)
        external
        view
        override
        returns (Anchor memory found)
    {
        return _anchors[issuer][schema][grantNumber][root];
    }
}
