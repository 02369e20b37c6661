// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @title Which version of each status list counts
/// @notice Not gated by accreditation: a bank that lost its licence must still be able to revoke. A list cannot be
/// rolled back, since each version is one more than the last.
interface IStatusRegistry {
    /// @notice The version of a list that counts.
    /// @param commitment Hash over list URI, bits, version and content.
    /// @param version Counted from one; zero if the list was never published.
    /// @param freshUntil First second from which it no longer counts as fresh.
    /// @param time The block's time.
    struct Status {
        bytes32 commitment;
        uint64 version;
        uint64 freshUntil;
        uint64 time;
    }

    /// @notice A new version of a list counts.
    /// @param issuer The account behind the issuer's did:ethr.
    /// @param list The list's identifier: SHA-256 of its URI.
    /// @param commitment Hash over list URI, bits, version and content.
    /// @param version One more than before.
    /// @param freshUntil First second from which it no longer counts as fresh.
    event StatusPublished(
        address indexed issuer, bytes32 indexed list, bytes32 commitment, uint64 version, uint64 freshUntil
    );

    /// @notice Versions count up one by one.
    /// @param expected The version that comes next.
    /// @param got The version given.
    error VersionNotNext(uint64 expected, uint64 got);

    /// @notice A list is fresh for a while, at most seven days.
    /// @param freshUntil What was asked for.
    /// @param most The latest that is allowed.
    error FreshnessOutOfRange(uint64 freshUntil, uint256 most);

    /// @notice Zero is no commitment.
    error ZeroCommitment();

    /// @notice Let a new version of a list count; by the issuer's owner or operator.
    /// @param issuer The account behind the issuer's did:ethr.
    /// @param list The list's identifier: SHA-256 of its URI.
    /// @param commitment Hash over list URI, bits, version and content.
    /// @param version One more than before.
    /// @param freshUntil First second from which it no longer counts as fresh.
    function publish(address issuer, bytes32 list, bytes32 commitment, uint64 version, uint64 freshUntil) external;

    /// @notice The version of a list that counts.
    /// @param issuer The account behind the issuer's did:ethr.
    /// @param list The list's identifier.
    /// @return found The version; zero if the list was never published.
    function statusOf(address issuer, bytes32 list) external view returns (Status memory found);
}
