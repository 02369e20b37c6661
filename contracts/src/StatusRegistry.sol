// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActsForIdentity} from "./ActsForIdentity.sol";
import {IEthereumDIDRegistry} from "./interfaces/IEthereumDIDRegistry.sol";
import {IStatusRegistry} from "./interfaces/IStatusRegistry.sol";

/// @title The implementation of IStatusRegistry, which says what everything here means
contract StatusRegistry is IStatusRegistry, ActsForIdentity {
    uint256 private constant LONGEST_FRESHNESS = 7 days;

    mapping(address issuer => mapping(bytes32 list => Status found)) private _lists;

    constructor(IEthereumDIDRegistry registry) ActsForIdentity(registry) {}

    /// @inheritdoc IStatusRegistry
    function publish(address issuer, bytes32 list, bytes32 commitment, uint64 version, uint64 freshUntil)
        external
        override
        onlyOperator(issuer)
    {
        if (commitment == 0) revert ZeroCommitment();
        Status storage found = _lists[issuer][list];
        uint64 next = found.version + 1;
        if (version != next) revert VersionNotNext(next, version);
        uint256 most = block.timestamp + LONGEST_FRESHNESS;
        if (freshUntil <= block.timestamp || freshUntil > most) revert FreshnessOutOfRange(freshUntil, most);
        found.commitment = commitment;
        found.version = version;
        found.freshUntil = freshUntil;
        found.time = uint64(block.timestamp);
        emit StatusPublished(issuer, list, commitment, version, freshUntil);
    }

    /// @inheritdoc IStatusRegistry
    function statusOf(address issuer, bytes32 list) external view override returns (Status memory found) {
        return _lists[issuer][list];
    }
}
