// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {ITrustRegistry} from "./ITrustRegistry.sol";

/// @title Which credentials existed, and since when
/// @notice Holds the root of each batch's Merkle tree (RFC 9162 hashing). A record is keyed by everything that gives
/// it meaning, so copying a root from a waiting transaction steals nothing and blocks nobody, and is never replaced.
interface IAnchorRegistry {
    /// @notice One batch.
    /// @param size How many leaves the tree has; zero if there is no such anchor.
    /// @param time The block's time: when the credentials count as issued.
    /// @param blockNumber The block's number.
    struct Anchor {
        uint64 size;
        uint64 time;
        uint64 blockNumber;
    }

    /// @notice A batch was anchored.
    /// @param issuer The account behind the issuer's did:ethr.
    /// @param schema keccak-256 of the credential type.
    /// @param grantNumber The grant under which the issuer acts.
    /// @param root The tree's root.
    /// @param size How many leaves it has.
    event Anchored(
        address indexed issuer, bytes32 indexed schema, uint256 indexed grantNumber, bytes32 root, uint64 size
    );

    /// @notice The issuer may not issue this schema under this grant, in this block.
    /// @param issuer The issuer.
    /// @param schema The schema.
    /// @param grantNumber The grant.
    error GrantDoesNotHold(address issuer, bytes32 schema, uint256 grantNumber);

    /// @notice This root is anchored already.
    /// @param root The root.
    /// @param size The size that is on record.
    error AlreadyAnchored(bytes32 root, uint64 size);

    /// @notice There is no tree without leaves, and none of this many.
    /// @param size The size given.
    error TreeSizeOutOfRange(uint64 size);

    /// @notice Zero is no root.
    error ZeroRoot();

    /// @notice Anchor a batch; by the issuer's owner or operator, under a grant that holds now.
    /// @param issuer The account behind the issuer's did:ethr.
    /// @param schema keccak-256 of the credential type.
    /// @param grantNumber The grant under which the issuer acts.
    /// @param root The tree's root.
    /// @param size How many leaves it has.
    function anchor(address issuer, bytes32 schema, uint256 grantNumber, bytes32 root, uint64 size) external;

    /// @notice One anchor.
    /// @param issuer The account behind the issuer's did:ethr.
    /// @param schema keccak-256 of the credential type.
    /// @param grantNumber The grant under which the issuer acted.
    /// @param root The tree's root.
    /// @return found The anchor; its size is zero if there is none.
    function anchorOf(address issuer, bytes32 schema, uint256 grantNumber, bytes32 root)
        external
        view
        returns (Anchor memory found);

    /// @notice The registry that says who may issue.
    function trustRegistry() external view returns (ITrustRegistry registry);
}
