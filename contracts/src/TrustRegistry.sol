// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActsForIdentity} from "./ActsForIdentity.sol";
import {IEthereumDIDRegistry} from "./interfaces/IEthereumDIDRegistry.sol";
import {ITrustRegistry} from "./interfaces/ITrustRegistry.sol";

/// @title The implementation of ITrustRegistry, which says what everything here means
contract TrustRegistry is ITrustRegistry, ActsForIdentity {
    uint256 private constant LONGEST_VCT = 256;

    /// @inheritdoc ITrustRegistry
    uint64 public immutable override adminDelay;
    /// @inheritdoc ITrustRegistry
    address public override admin;
    /// @inheritdoc ITrustRegistry
    address public override guardian;
    /// @inheritdoc ITrustRegistry
    address public override proposedAdmin;
    /// @inheritdoc ITrustRegistry
    uint64 public override proposedAdminNotBefore;
    /// @inheritdoc ITrustRegistry
    uint256 public override grantCount;
    /// @inheritdoc ITrustRegistry
    mapping(bytes32 schema => bool registered) public override isSchema;

    mapping(uint256 number => Grant found) private _grants;
    mapping(address participant => mapping(bytes32 thumbprint => SigningKey found)) private _signingKeys;
    mapping(bytes32 root => Listing listing) private _roots;
    mapping(bytes32 key => Listing listing) private _checkpointKeys;

    modifier onlyAdmin() {
        if (msg.sender != admin) revert NotAdmin(msg.sender);
        _;
    }

    constructor(IEthereumDIDRegistry registry, address firstAdmin, address firstGuardian, uint64 delay)
        ActsForIdentity(registry)
    {
        if (firstAdmin == address(0) || firstGuardian == address(0)) revert ZeroValue();
        adminDelay = delay;
        admin = firstAdmin;
        guardian = firstGuardian;
        emit AdminChanged(firstAdmin);
        emit GuardianChanged(firstGuardian);
    }

    /// @inheritdoc ITrustRegistry
    function registerSchema(string calldata vct) external override onlyAdmin returns (bytes32 schema) {
        uint256 size = bytes(vct).length;
        if (size == 0) revert ZeroValue();
        if (size > LONGEST_VCT) revert TooLong(size, LONGEST_VCT);
        schema = keccak256(bytes(vct));
        if (isSchema[schema]) revert AlreadyRegistered(schema);
        isSchema[schema] = true;
        emit SchemaRegistered(schema, vct);
    }

    /// @inheritdoc ITrustRegistry
    function addRoot(bytes32 root) external override onlyAdmin {
        _list(_roots[root], root);
        emit RootAdded(root);
    }

    /// @inheritdoc ITrustRegistry
    function removeRoot(bytes32 root) external override onlyAdmin {
        _unlist(_roots[root], root);
        emit RootRemoved(root);
    }

    /// @inheritdoc ITrustRegistry
    function addCheckpointKey(bytes32 key) external override onlyAdmin {
        _list(_checkpointKeys[key], key);
        emit CheckpointKeyAdded(key);
    }

    /// @inheritdoc ITrustRegistry
    function removeCheckpointKey(bytes32 key) external override onlyAdmin {
        _unlist(_checkpointKeys[key], key);
        emit CheckpointKeyRemoved(key);
    }

    /// @inheritdoc ITrustRegistry
    function addSigningKey(address participant, bytes32 thumbprint, uint64 validFrom, uint64 validUntil)
        external
        override
        onlyOperator(participant)
    {
        if (thumbprint == 0) revert ZeroValue();
        SigningKey storage key = _signingKeys[participant][thumbprint];
        if (key.validFrom != 0) revert AlreadyRegistered(thumbprint);
        uint64 start = _start(validFrom, validUntil);
        key.validFrom = start;
        key.validUntil = validUntil;
        emit SigningKeyAdded(participant, thumbprint, start, validUntil);
    }

    /// @inheritdoc ITrustRegistry
    function reportStolen(address participant, bytes32 thumbprint, uint64 stolenSince) external override {
        // An operator may not: a stolen operator key could else void everything that its bank ever signed.
        if (msg.sender != admin && msg.sender != didRegistry.identityOwner(participant)) {
            revert NotOwnerOrAdmin(participant, msg.sender);
        }
        SigningKey storage key = _signingKeys[participant][thumbprint];
        if (key.validFrom == 0) revert NotRegistered(thumbprint);
        if (stolenSince == 0) revert ZeroValue();
        if (stolenSince > block.timestamp) revert StolenInTheFuture(stolenSince, block.timestamp);
        uint64 recorded = key.stolenSince;
        if (recorded != 0 && stolenSince >= recorded) revert OnlyEarlier(recorded, stolenSince);
        key.stolenSince = stolenSince;
        emit SigningKeyStolen(participant, thumbprint, stolenSince);
    }

    /// @inheritdoc ITrustRegistry
    function grant(
        address participant,
        Role role,
        bytes32 schema,
        uint64 validFrom,
        uint64 validUntil,
        bytes32 evidenceHash
    ) external override onlyAdmin returns (uint256 number) {
        if (participant == address(0) || evidenceHash == 0) revert ZeroValue();
        if (role == Role.Issuer ? !isSchema[schema] : schema != 0) revert SchemaDoesNotFitRole(role, schema);
        uint64 start = _start(validFrom, validUntil);
        number = ++grantCount;
        _grants[number] = Grant({
            participant: participant,
            role: role,
            suspended: false,
            validFrom: start,
            schema: schema,
            validUntil: validUntil,
            withdrawnFrom: 0,
            evidenceHash: evidenceHash
        });
        emit Granted(number, participant, role, schema, start, validUntil, evidenceHash);
    }

    /// @inheritdoc ITrustRegistry
    function suspend(uint256 number) external override {
        if (msg.sender != guardian && msg.sender != admin) revert NotGuardian(msg.sender);
        _setSuspended(number, true);
        emit Suspended(number);
    }

    /// @inheritdoc ITrustRegistry
    function reinstate(uint256 number) external override onlyAdmin {
        _setSuspended(number, false);
        emit Reinstated(number);
    }

    /// @inheritdoc ITrustRegistry
    function withdraw(uint256 number, uint64 withdrawnFrom) external override onlyAdmin {
        Grant storage found = _existing(number);
        if (withdrawnFrom == 0) revert ZeroValue();
        uint64 recorded = found.withdrawnFrom;
        if (recorded != 0 && withdrawnFrom >= recorded) revert OnlyEarlier(recorded, withdrawnFrom);
        found.withdrawnFrom = withdrawnFrom;
        emit Withdrawn(number, withdrawnFrom);
    }

    /// @inheritdoc ITrustRegistry
    function setGuardian(address newGuardian) external override onlyAdmin {
        if (newGuardian == address(0)) revert ZeroValue();
        guardian = newGuardian;
        emit GuardianChanged(newGuardian);
    }

    /// @inheritdoc ITrustRegistry
    function proposeAdmin(address newAdmin) external override onlyAdmin {
        if (newAdmin == address(0)) revert ZeroValue();
        uint64 notBefore = uint64(block.timestamp) + adminDelay;
        proposedAdmin = newAdmin;
        proposedAdminNotBefore = notBefore;
        emit AdminProposed(newAdmin, notBefore);
    }

    /// @inheritdoc ITrustRegistry
    function cancelAdminProposal() external override onlyAdmin {
        address proposed = proposedAdmin;
        if (proposed == address(0)) revert NotProposed(proposed);
        proposedAdmin = address(0);
        proposedAdminNotBefore = 0;
        emit AdminProposalCancelled(proposed);
    }

    /// @inheritdoc ITrustRegistry
    function acceptAdmin() external override {
        if (msg.sender != proposedAdmin) revert NotProposed(msg.sender);
        if (block.timestamp < proposedAdminNotBefore) revert TooEarly(proposedAdminNotBefore, block.timestamp);
        admin = msg.sender;
        proposedAdmin = address(0);
        proposedAdminNotBefore = 0;
        emit AdminChanged(msg.sender);
    }

    /// @inheritdoc ITrustRegistry
    function grantOf(uint256 number) external view override returns (Grant memory found) {
        return _grants[number];
    }

    /// @inheritdoc ITrustRegistry
    function signingKey(address participant, bytes32 thumbprint)
        external
        view
        override
        returns (SigningKey memory found)
    {
        return _signingKeys[participant][thumbprint];
    }

    /// @inheritdoc ITrustRegistry
    function rootListing(bytes32 root) external view override returns (Listing memory listing) {
        return _roots[root];
    }

    /// @inheritdoc ITrustRegistry
    function checkpointKeyListing(bytes32 key) external view override returns (Listing memory listing) {
        return _checkpointKeys[key];
    }

    /// @inheritdoc ITrustRegistry
    function mayIssue(uint256 number, address participant, bytes32 schema)
        external
        view
        override
        returns (bool allowed)
    {
        Grant storage found = _grants[number];
        return participant != address(0) && found.participant == participant && found.role == Role.Issuer
            && found.schema == schema && !found.suspended && block.timestamp >= found.validFrom
            && block.timestamp < found.validUntil && (found.withdrawnFrom == 0 || block.timestamp < found.withdrawnFrom);
    }

    /// @dev The first second of a new period: never before this block.
    function _start(uint64 validFrom, uint64 validUntil) private view returns (uint64 start) {
        start = validFrom == 0 ? uint64(block.timestamp) : validFrom;
        if (start < block.timestamp) revert StartsInThePast(start, block.timestamp);
        if (validUntil <= start) revert EmptyPeriod(start, validUntil);
    }

    function _list(Listing storage listing, bytes32 what) private {
        if (what == 0) revert ZeroValue();
        if (listing.since != 0) revert AlreadyRegistered(what);
        listing.since = uint64(block.timestamp);
    }

    function _unlist(Listing storage listing, bytes32 what) private {
        if (listing.since == 0 || listing.until != 0) revert NotRegistered(what);
        listing.until = uint64(block.timestamp);
    }

    function _existing(uint256 number) private view returns (Grant storage found) {
        found = _grants[number];
        if (found.participant == address(0)) revert NoSuchGrant(number);
    }

    function _setSuspended(uint256 number, bool suspended) private {
        Grant storage found = _existing(number);
        if (found.suspended == suspended) revert SuspensionUnchanged(number, suspended);
        found.suspended = suspended;
    }
}
