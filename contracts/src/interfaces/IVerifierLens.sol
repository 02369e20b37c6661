// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {IAnchorRegistry} from "./IAnchorRegistry.sol";
import {IStatusRegistry} from "./IStatusRegistry.sol";
import {ITrustRegistry} from "./ITrustRegistry.sol";

/// @title Everything a verifier needs, in one call, at one block
/// @notice Several calls may see several blocks; this one cannot. It answers facts and judges nothing.
interface IVerifierLens {
    /// @notice What a verifier wants to know.
    /// @param issuer The account behind the issuer's did:ethr.
    /// @param schema keccak-256 of the credential type.
    /// @param grantNumber The grant under which the credential was issued.
    /// @param thumbprint The RFC 7638 thumbprint of the key that signed it.
    /// @param root The root of the batch that it is in.
    /// @param list The status list that it is in.
    /// @param trustRoot SHA-256 of the root certificate of its chain.
    struct Question {
        address issuer;
        bytes32 schema;
        uint256 grantNumber;
        bytes32 thumbprint;
        bytes32 root;
        bytes32 list;
        bytes32 trustRoot;
    }

    /// @notice What the ledger says.
    /// @param blockNumber The block that it says it at.
    /// @param time That block's time.
    /// @param parentHash The hash of the block before, by which an answer is tied to a chain.
    /// @param issuerOwner The account that owns the issuer's identity.
    /// @param grant The grant, as recorded.
    /// @param key The key, as recorded.
    /// @param anchor The anchor, as recorded.
    /// @param status The status list's version that counts.
    /// @param trustRoot Since and until when the root certificate is trusted.
    struct Answer {
        uint256 blockNumber;
        uint256 time;
        bytes32 parentHash;
        address issuerOwner;
        ITrustRegistry.Grant grant;
        ITrustRegistry.SigningKey key;
        IAnchorRegistry.Anchor anchor;
        IStatusRegistry.Status status;
        ITrustRegistry.Listing trustRoot;
    }

    /// @notice Answer one question.
    /// @param question What a verifier wants to know.
    /// @return answer What the ledger says.
    function look(Question calldata question) external view returns (Answer memory answer);
}
