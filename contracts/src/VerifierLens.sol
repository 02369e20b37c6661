// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAnchorRegistry} from "./interfaces/IAnchorRegistry.sol";
import {IActsForIdentity} from "./interfaces/IActsForIdentity.sol";
import {IEthereumDIDRegistry} from "./interfaces/IEthereumDIDRegistry.sol";
import {IStatusRegistry} from "./interfaces/IStatusRegistry.sol";
import {ITrustRegistry} from "./interfaces/ITrustRegistry.sol";
import {IVerifierLens} from "./interfaces/IVerifierLens.sol";

/// @title The implementation of IVerifierLens, which says what everything here means
contract VerifierLens is IVerifierLens {
    /// @notice The ERC-1056 registry that is read.
    IEthereumDIDRegistry public immutable didRegistry;
    /// @notice The trust registry that is read.
    ITrustRegistry public immutable trustRegistry;
    /// @notice The anchor registry that is read.
    IAnchorRegistry public immutable anchorRegistry;
    /// @notice The status registry that is read.
    IStatusRegistry public immutable statusRegistry;

    constructor(IAnchorRegistry anchors, IStatusRegistry status) {
        anchorRegistry = anchors;
        statusRegistry = status;
        trustRegistry = anchors.trustRegistry();
        didRegistry = IActsForIdentity(address(anchors)).didRegistry();
    }

    /// @inheritdoc IVerifierLens
    function look(Question calldata question) external view override returns (Answer memory answer) {
        answer.blockNumber = block.number;
        answer.time = block.timestamp;
        answer.parentHash = blockhash(block.number - 1);
        answer.issuerOwner = didRegistry.identityOwner(question.issuer);
        answer.grant = trustRegistry.grantOf(question.grantNumber);
        answer.key = trustRegistry.signingKey(question.issuer, question.thumbprint);
        answer.anchor = anchorRegistry.anchorOf(question.issuer, question.schema, question.grantNumber, question.root);
        answer.status = statusRegistry.statusOf(question.issuer, question.list);
        answer.trustRoot = trustRegistry.rootListing(question.trustRoot);
    }
}
