// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EthereumDIDRegistry} from "ethr-did-registry/EthereumDIDRegistry.sol";
import {AnchorRegistry} from "../src/AnchorRegistry.sol";
import {StatusRegistry} from "../src/StatusRegistry.sol";
import {TrustRegistry} from "../src/TrustRegistry.sol";
import {IAnchorRegistry} from "../src/interfaces/IAnchorRegistry.sol";
import {IEthereumDIDRegistry} from "../src/interfaces/IEthereumDIDRegistry.sol";
import {ITrustRegistry} from "../src/interfaces/ITrustRegistry.sol";

/// @notice The part of forge's cheat codes that these tests use.
interface Vm {
    function prank(address caller) external;
    function warp(uint256 time) external;
    function roll(uint256 number) external;
    function expectRevert(bytes calldata data) external;
    function expectEmit(bool topic1, bool topic2, bool topic3, bool data) external;
    function assume(bool condition) external pure;
    function assertEq(uint256 left, uint256 right) external pure;
    function assertEq(bytes32 left, bytes32 right) external pure;
    function assertEq(address left, address right) external pure;
    function assertTrue(bool condition) external pure;
    function assertFalse(bool condition) external pure;
}

/// @notice Contracts as they are deployed, an authority, a guardian, and a bank with its operator.
abstract contract Setup {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    address internal constant ADMIN = address(0xA1);
    address internal constant GUARDIAN = address(0xA2);
    address internal constant BANK = address(0xB1);
    address internal constant OPERATOR = address(0xB2);
    address internal constant STRANGER = address(0xC1);
    uint64 internal constant DELAY = 2 days;
    uint64 internal constant NOW = 1_800_000_000;
    uint64 internal constant LATER = NOW + 365 days;
    string internal constant VCT = "urn:financial-passport:proof-of-funds:1";
    bytes32 internal constant SCHEMA = keccak256(bytes(VCT));
    bytes32 internal constant EVIDENCE = keccak256("evidence");
    bytes32 internal constant KEY = keccak256("key");
    bytes32 internal constant ROOT = keccak256("root");
    bytes32 internal constant LIST = keccak256("list");

    EthereumDIDRegistry internal dids;
    TrustRegistry internal trust;
    AnchorRegistry internal anchors;
    StatusRegistry internal statuses;

    function setUp() public virtual {
        vm.warp(NOW);
        vm.roll(100);
        dids = new EthereumDIDRegistry();
        trust = new TrustRegistry(IEthereumDIDRegistry(address(dids)), ADMIN, GUARDIAN, DELAY);
        anchors = new AnchorRegistry(ITrustRegistry(address(trust)));
        statuses = new StatusRegistry(IEthereumDIDRegistry(address(dids)));
        vm.prank(ADMIN);
        trust.registerSchema(VCT);
        vm.prank(BANK);
        dids.addDelegate(BANK, "operator", OPERATOR, 30 days);
    }

    function accredit(address participant) internal returns (uint256 number) {
        vm.prank(ADMIN);
        return trust.grant(participant, ITrustRegistry.Role.Issuer, SCHEMA, 0, LATER, EVIDENCE);
    }
}
