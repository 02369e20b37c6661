// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Setup} from "./Setup.sol";
import {VerifierLens} from "../src/VerifierLens.sol";
import {IAnchorRegistry} from "../src/interfaces/IAnchorRegistry.sol";
import {IStatusRegistry} from "../src/interfaces/IStatusRegistry.sol";
import {IVerifierLens} from "../src/interfaces/IVerifierLens.sol";

contract VerifierLensTest is Setup {
    VerifierLens private lens;

    function setUp() public override {
        super.setUp();
        lens = new VerifierLens(IAnchorRegistry(address(anchors)), IStatusRegistry(address(statuses)));
    }

    function look(uint256 number) private view returns (IVerifierLens.Answer memory) {
        return lens.look(IVerifierLens.Question(BANK, SCHEMA, number, KEY, ROOT, LIST, ROOT));
    }

    function test_one_look_says_what_each_registry_says() external {
        uint256 number = accredit(BANK);
        vm.prank(ADMIN);
        trust.addRoot(ROOT);
        vm.prank(BANK);
        trust.addSigningKey(BANK, KEY, 0, LATER);
        vm.prank(BANK);
        anchors.anchor(BANK, SCHEMA, number, ROOT, 64);
        vm.prank(BANK);
        statuses.publish(BANK, LIST, ROOT, 1, NOW + 1 days);

        IVerifierLens.Answer memory answer = look(number);

        vm.assertEq(answer.blockNumber, 100);
        vm.assertEq(answer.time, NOW);
        vm.assertEq(answer.parentHash, blockhash(99));
        vm.assertEq(answer.issuerOwner, BANK);
        vm.assertEq(keccak256(abi.encode(answer.grant)), keccak256(abi.encode(trust.grantOf(number))));
        vm.assertEq(keccak256(abi.encode(answer.key)), keccak256(abi.encode(trust.signingKey(BANK, KEY))));
        vm.assertEq(
            keccak256(abi.encode(answer.anchor)), keccak256(abi.encode(anchors.anchorOf(BANK, SCHEMA, number, ROOT)))
        );
        vm.assertEq(keccak256(abi.encode(answer.status)), keccak256(abi.encode(statuses.statusOf(BANK, LIST))));
        vm.assertEq(answer.trustRoot.since, NOW);
    }

    function test_unknown_things_are_zero() external view {
        IVerifierLens.Answer memory answer = look(7);
        vm.assertEq(answer.grant.participant, address(0));
        vm.assertEq(answer.key.validFrom, 0);
        vm.assertEq(answer.anchor.size, 0);
        vm.assertEq(answer.status.version, 0);
        vm.assertEq(answer.trustRoot.since, 0);
    }
}
