// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// @title Who is trusted, with which keys, to do what, and since when
/// @notice Grants and keys are only ever added to. A record that could be overwritten would bring a thief's anchors
/// back to life when a bank is accredited again, so a second accreditation is a second grant with a number of its own.
/// Every change emits an event, and the events alone rebuild the state. Times are seconds since 1970 (UTC).
/// Holds no personal data, and no hash of any.
interface ITrustRegistry {
    /// @notice What a participant may do.
    enum Role {
        Issuer,
        Verifier,
        Hub,
        Member,
        Police
    }

    /// @notice One accreditation.
    /// @param participant The account behind the participant's did:ethr.
    /// @param role What it may do.
    /// @param suspended Whether the guardian has stopped it for now.
    /// @param validFrom First second in which it holds.
    /// @param schema For an issuer, the schema it may issue; else zero.
    /// @param validUntil First second in which it no longer holds.
    /// @param withdrawnFrom First second from which it is withdrawn, which may lie in the past; zero if never.
    /// @param evidenceHash SHA-256 of the registration that the accreditation rests on.
    struct Grant {
        address participant;
        Role role;
        bool suspended;
        uint64 validFrom;
        bytes32 schema;
        uint64 validUntil;
        uint64 withdrawnFrom;
        bytes32 evidenceHash;
    }

    /// @notice One signing key of a participant.
    /// @param validFrom First second in which it may sign; zero if there is no such key.
    /// @param validUntil First second in which it may no longer sign.
    /// @param stolenSince First second from which its signatures are worth nothing; zero if never.
    struct SigningKey {
        uint64 validFrom;
        uint64 validUntil;
        uint64 stolenSince;
    }

    /// @notice A root certificate or a checkpoint key, between two times.
    /// @param since When it was added; zero if never.
    /// @param until When it was removed; zero if it still stands.
    struct Listing {
        uint64 since;
        uint64 until;
    }

    /// @notice A schema may be issued from now on.
    /// @param schema keccak-256 of the credential type.
    /// @param vct The credential type.
    event SchemaRegistered(bytes32 indexed schema, string vct);

    /// @notice A root certificate is trusted from now on.
    /// @param root SHA-256 of the certificate in DER.
    event RootAdded(bytes32 indexed root);

    /// @notice A root certificate is trusted no longer.
    /// @param root SHA-256 of the certificate in DER.
    event RootRemoved(bytes32 indexed root);

    /// @notice A key may sign checkpoints from now on.
    /// @param key RFC 7638 thumbprint.
    event CheckpointKeyAdded(bytes32 indexed key);

    /// @notice A key may sign checkpoints no longer.
    /// @param key RFC 7638 thumbprint.
    event CheckpointKeyRemoved(bytes32 indexed key);

    /// @notice A participant added a signing key.
    /// @param participant Whose key it is.
    /// @param thumbprint RFC 7638 thumbprint (SHA-256).
    /// @param validFrom First second in which it may sign.
    /// @param validUntil First second in which it may no longer sign.
    event SigningKeyAdded(address indexed participant, bytes32 indexed thumbprint, uint64 validFrom, uint64 validUntil);

    /// @notice A signing key was in wrong hands, from a time that may lie in the past.
    /// @param participant Whose key it is.
    /// @param thumbprint RFC 7638 thumbprint (SHA-256).
    /// @param stolenSince First second from which its signatures are worth nothing.
    event SigningKeyStolen(address indexed participant, bytes32 indexed thumbprint, uint64 stolenSince);

    /// @notice A participant was accredited.
    /// @param number The grant's number.
    /// @param participant The account behind the participant's did:ethr.
    /// @param role What it may do.
    /// @param schema For an issuer, the schema it may issue; else zero.
    /// @param validFrom First second in which it holds.
    /// @param validUntil First second in which it no longer holds.
    /// @param evidenceHash SHA-256 of the registration that the accreditation rests on.
    event Granted(
        uint256 indexed number,
        address indexed participant,
        Role indexed role,
        bytes32 schema,
        uint64 validFrom,
        uint64 validUntil,
        bytes32 evidenceHash
    );

    /// @notice A grant was stopped for now.
    /// @param number The grant's number.
    event Suspended(uint256 indexed number);

    /// @notice A stopped grant holds again.
    /// @param number The grant's number.
    event Reinstated(uint256 indexed number);

    /// @notice A grant was withdrawn for good, from a time that may lie in the past.
    /// @param number The grant's number.
    /// @param withdrawnFrom First second from which it is withdrawn.
    event Withdrawn(uint256 indexed number, uint64 withdrawnFrom);

    /// @notice Somebody else may suspend grants from now on.
    /// @param guardian The new guardian.
    event GuardianChanged(address indexed guardian);

    /// @notice A new authority was proposed.
    /// @param proposed Who.
    /// @param notBefore First second in which it may accept.
    event AdminProposed(address indexed proposed, uint64 notBefore);

    /// @notice A proposal was taken back.
    /// @param proposed Who had been proposed.
    event AdminProposalCancelled(address indexed proposed);

    /// @notice The authority has changed hands.
    /// @param admin The new authority.
    event AdminChanged(address indexed admin);

    /// @notice The caller is not the authority.
    /// @param caller The account that called.
    error NotAdmin(address caller);

    /// @notice The caller is neither the guardian nor the authority.
    /// @param caller The account that called.
    error NotGuardian(address caller);

    /// @notice The caller is neither the participant's owner nor the authority.
    /// @param participant The participant that it wanted to speak for.
    /// @param caller The account that called.
    error NotOwnerOrAdmin(address participant, address caller);

    /// @notice Nobody proposed the caller as authority.
    /// @param caller The account that called.
    error NotProposed(address caller);

    /// @notice The authority may be accepted only later.
    /// @param notBefore First second in which it may.
    /// @param time The block's time.
    error TooEarly(uint64 notBefore, uint256 time);

    /// @notice Zero stands for "nobody" and is no value here.
    error ZeroValue();

    /// @notice The text is longer than the registry stores.
    /// @param size Its bytes.
    /// @param most How many are allowed.
    error TooLong(uint256 size, uint256 most);

    /// @notice The thing is registered already, and records are not overwritten.
    /// @param what Its identifier.
    error AlreadyRegistered(bytes32 what);

    /// @notice There is no such thing, or not any more.
    /// @param what Its identifier.
    error NotRegistered(bytes32 what);

    /// @notice A new record may not begin before the block that brings it.
    /// @param validFrom What was asked for.
    /// @param time The block's time.
    error StartsInThePast(uint64 validFrom, uint256 time);

    /// @notice A period ends before it begins.
    /// @param validFrom Its first second.
    /// @param validUntil Its end.
    error EmptyPeriod(uint64 validFrom, uint64 validUntil);

    /// @notice A theft cannot be known before it happens.
    /// @param stolenSince What was reported.
    /// @param time The block's time.
    error StolenInTheFuture(uint64 stolenSince, uint256 time);

    /// @notice The date may only move into the past: what was worth nothing stays so.
    /// @param recorded What is on record.
    /// @param proposed What was asked for.
    error OnlyEarlier(uint64 recorded, uint64 proposed);

    /// @notice An issuer's grant names a registered schema, any other grant none.
    /// @param role The role.
    /// @param schema The schema given.
    error SchemaDoesNotFitRole(Role role, bytes32 schema);

    /// @notice There is no grant of this number.
    /// @param number The number.
    error NoSuchGrant(uint256 number);

    /// @notice The grant is suspended already, or is not.
    /// @param number The grant's number.
    /// @param suspended Whether it is.
    error SuspensionUnchanged(uint256 number, bool suspended);

    /// @notice Let a schema be issued.
    /// @param vct The credential type; its keccak-256 is the schema's id.
    /// @return schema The schema's id.
    function registerSchema(string calldata vct) external returns (bytes32 schema);

    /// @notice Trust a root certificate.
    /// @param root SHA-256 of the certificate in DER.
    function addRoot(bytes32 root) external;

    /// @notice Trust a root certificate no longer. It cannot be added again.
    /// @param root SHA-256 of the certificate in DER.
    function removeRoot(bytes32 root) external;

    /// @notice Let a key sign checkpoints.
    /// @param key RFC 7638 thumbprint.
    function addCheckpointKey(bytes32 key) external;

    /// @notice Let a key sign checkpoints no longer. It cannot be added again.
    /// @param key RFC 7638 thumbprint.
    function removeCheckpointKey(bytes32 key) external;

    /// @notice Add a signing key; by the participant's owner or operator.
    /// @param participant Whose key it is.
    /// @param thumbprint RFC 7638 thumbprint (SHA-256).
    /// @param validFrom First second in which it may sign; zero for the block's time, never before it.
    /// @param validUntil First second in which it may no longer sign.
    function addSigningKey(address participant, bytes32 thumbprint, uint64 validFrom, uint64 validUntil) external;

    /// @notice Say since when a signing key is in wrong hands; by the participant's owner or the authority.
    /// @param participant Whose key it is.
    /// @param thumbprint RFC 7638 thumbprint (SHA-256).
    /// @param stolenSince May lie in the past; a second report may only move it further back.
    function reportStolen(address participant, bytes32 thumbprint, uint64 stolenSince) external;

    /// @notice Accredit a participant.
    /// @param participant The account behind the participant's did:ethr.
    /// @param role What it may do.
    /// @param schema For an issuer, a registered schema; else zero.
    /// @param validFrom First second in which it holds; zero for the block's time, never before it.
    /// @param validUntil First second in which it no longer holds.
    /// @param evidenceHash SHA-256 of the registration that the accreditation rests on.
    /// @return number The grant's number, counted from one.
    function grant(
        address participant,
        Role role,
        bytes32 schema,
        uint64 validFrom,
        uint64 validUntil,
        bytes32 evidenceHash
    ) external returns (uint256 number);

    /// @notice Stop a grant at once; by the guardian or the authority.
    /// @param number The grant's number.
    function suspend(uint256 number) external;

    /// @notice Let a stopped grant hold again; by the authority.
    /// @param number The grant's number.
    function reinstate(uint256 number) external;

    /// @notice Withdraw a grant for good; by the authority.
    /// @param number The grant's number.
    /// @param withdrawnFrom First second from which it is withdrawn: may lie in the past or the future, and a second
    /// withdrawal may only move it further back.
    function withdraw(uint256 number, uint64 withdrawnFrom) external;

    /// @notice Name who may suspend grants.
    /// @param newGuardian Who.
    function setGuardian(address newGuardian) external;

    /// @notice Propose a new authority, which may accept after the delay.
    /// @param newAdmin Who.
    function proposeAdmin(address newAdmin) external;

    /// @notice Take the proposal back.
    function cancelAdminProposal() external;

    /// @notice Become the authority; by the proposed, after the delay.
    function acceptAdmin() external;

    /// @notice The authority: the consortium's registrar.
    function admin() external view returns (address account);

    /// @notice Who may suspend at once, and nothing else.
    function guardian() external view returns (address account);

    /// @notice Who was proposed as authority; zero if nobody.
    function proposedAdmin() external view returns (address account);

    /// @notice First second in which the proposed may accept.
    function proposedAdminNotBefore() external view returns (uint64 time);

    /// @notice How many seconds lie between a proposal and its acceptance.
    function adminDelay() external view returns (uint64 delay);

    /// @notice Whether a schema is registered.
    /// @param schema keccak-256 of the credential type.
    function isSchema(bytes32 schema) external view returns (bool registered);

    /// @notice How many grants there are; they are numbered from one.
    function grantCount() external view returns (uint256 count);

    /// @notice One grant.
    /// @param number The grant's number.
    /// @return found The grant; its participant is zero if there is none.
    function grantOf(uint256 number) external view returns (Grant memory found);

    /// @notice One signing key.
    /// @param participant Whose key it is.
    /// @param thumbprint RFC 7638 thumbprint (SHA-256).
    /// @return found The key; it begins at zero if there is none.
    function signingKey(address participant, bytes32 thumbprint) external view returns (SigningKey memory found);

    /// @notice Since and until when a root certificate is trusted.
    /// @param root SHA-256 of the certificate in DER.
    function rootListing(bytes32 root) external view returns (Listing memory listing);

    /// @notice Since and until when a key may sign checkpoints.
    /// @param key RFC 7638 thumbprint.
    function checkpointKeyListing(bytes32 key) external view returns (Listing memory listing);

    /// @notice Whether a grant lets a participant issue a schema in this block.
    /// @param number The grant's number.
    /// @param participant Who wants to issue.
    /// @param schema What it wants to issue.
    function mayIssue(uint256 number, address participant, bytes32 schema) external view returns (bool allowed);
}
