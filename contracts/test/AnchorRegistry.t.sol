// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Setup} from "./Setup.sol";
import {IActsForIdentity} from "../src/interfaces/IActsForIdentity.sol";
import {IAnchorRegistry} from "../src/interfaces/IAnchorRegistry.sol";

contract AnchorRegistryTest is Setup {
    function test_anchor_keeps_size_and_block() external {
        uint256 number = accredit(BANK);
        vm.prank(OPERATOR);
        anchors.anchor(BANK, SCHEMA, number, ROOT, 64);
        IAnchorRegistry.Anchor memory found = anchors.anchorOf(BANK, SCHEMA, number, ROOT);
        vm.assertEq(found.size, 64);
        vm.assertEq(found.time, NOW);
        vm.assertEq(found.blockNumber, 100);
    }

    function test_root_copied_from_the_mempool_steals_and_blocks_nothing() external {
        uint256 banks = accredit(BANK);
        uint256 thiefs = accredit(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(IActsForIdentity.NotOperator.selector, BANK, STRANGER));
        vm.prank(STRANGER);
        anchors.anchor(BANK, SCHEMA, banks, ROOT, 64);
        vm.prank(STRANGER);
        anchors.anchor(STRANGER, SCHEMA, thiefs, ROOT, 64);
        vm.prank(BANK);
        anchors.anchor(BANK, SCHEMA, banks, ROOT, 64);
        vm.assertEq(anchors.anchorOf(BANK, SCHEMA, banks, ROOT).size, 64);
    }

    function test_root_is_never_replaced_nor_its_size(uint64 size) external {
        uint256 number = accredit(BANK);
        vm.assume(size > 0 && size <= 1 << 32);
        vm.prank(BANK);
        anchors.anchor(BANK, SCHEMA, number, ROOT, 64);
        vm.warp(NOW + 1);
        vm.expectRevert(abi.encodeWithSelector(IAnchorRegistry.AlreadyAnchored.selector, ROOT, 64));
        vm.prank(BANK);
        anchors.anchor(BANK, SCHEMA, number, ROOT, size);
        vm.assertEq(anchors.anchorOf(BANK, SCHEMA, number, ROOT).time, NOW);
    }

    function test_anchor_under_one_grant_is_none_under_another() external {
        uint256 first = accredit(BANK);
        vm.prank(BANK);
        anchors.anchor(BANK, SCHEMA, first, ROOT, 64);
        uint256 second = accredit(BANK);
        vm.assertEq(anchors.anchorOf(BANK, SCHEMA, second, ROOT).size, 0);
    }

    function test_grant_that_is_suspended_withdrawn_over_or_anothers_anchors_nothing() external {
        uint256 number = accredit(BANK);
        bytes memory refusal = abi.encodeWithSelector(IAnchorRegistry.GrantDoesNotHold.selector, BANK, SCHEMA, number);
        vm.prank(GUARDIAN);
        trust.suspend(number);
        vm.expectRevert(refusal);
        vm.prank(BANK);
        anchors.anchor(BANK, SCHEMA, number, ROOT, 64);
        vm.prank(ADMIN);
        trust.reinstate(number);
        vm.prank(ADMIN);
        trust.withdraw(number, NOW);
        vm.expectRevert(refusal);
        vm.prank(BANK);
        anchors.anchor(BANK, SCHEMA, number, ROOT, 64);

        uint256 second = accredit(BANK);
        vm.warp(LATER);
        vm.expectRevert(abi.encodeWithSelector(IAnchorRegistry.GrantDoesNotHold.selector, BANK, SCHEMA, second));
        vm.prank(BANK);
        anchors.anchor(BANK, SCHEMA, second, ROOT, 64);
        vm.expectRevert(abi.encodeWithSelector(IAnchorRegistry.GrantDoesNotHold.selector, STRANGER, SCHEMA, second));
        vm.prank(STRANGER);
        anchors.anchor(STRANGER, SCHEMA, second, ROOT, 64);
    }

    function test_tree_has_one_leaf_to_two_to_the_32(uint64 size) external {
        uint256 number = accredit(BANK);
        if (size == 0 || size > 1 << 32) {
            vm.expectRevert(abi.encodeWithSelector(IAnchorRegistry.TreeSizeOutOfRange.selector, size));
        }
        vm.prank(BANK);
        anchors.anchor(BANK, SCHEMA, number, ROOT, size);
    }

    function test_largest_tree_is_taken_and_one_leaf_more_refused() external {
        uint256 number = accredit(BANK);
        vm.prank(BANK);
        anchors.anchor(BANK, SCHEMA, number, ROOT, 1 << 32);
        uint64 larger = (1 << 32) + 1;
        vm.expectRevert(abi.encodeWithSelector(IAnchorRegistry.TreeSizeOutOfRange.selector, larger));
        vm.prank(BANK);
        anchors.anchor(BANK, SCHEMA, number, KEY, larger);
    }

    function test_root_of_zero_is_refused() external {
        uint256 number = accredit(BANK);
        vm.expectRevert(abi.encodeWithSelector(IAnchorRegistry.ZeroRoot.selector));
        vm.prank(BANK);
        anchors.anchor(BANK, SCHEMA, number, 0, 64);
    }

    function test_anchoring_costs_less_than_120_000_gas() external {
        uint256 number = accredit(BANK);
        vm.prank(BANK);
        uint256 before = gasleft();
        anchors.anchor(BANK, SCHEMA, number, ROOT, 1024);
        vm.assertTrue(before - gasleft() < 120_000);
    }
}
