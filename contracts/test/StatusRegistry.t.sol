// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Setup} from "./Setup.sol";
import {IActsForIdentity} from "../src/interfaces/IActsForIdentity.sol";
import {IStatusRegistry} from "../src/interfaces/IStatusRegistry.sol";

contract StatusRegistryTest is Setup {
    function test_bank_without_any_grant_publishes() external {
        vm.prank(OPERATOR);
        statuses.publish(BANK, LIST, ROOT, 1, NOW + 1 days);
        IStatusRegistry.Status memory found = statuses.statusOf(BANK, LIST);
        vm.assertEq(found.commitment, ROOT);
        vm.assertEq(found.version, 1);
        vm.assertEq(found.freshUntil, NOW + 1 days);
        vm.assertEq(found.time, NOW);
    }

    function test_version_is_one_more_each_time(uint64 version) external {
        for (uint64 i = 1; i <= 3; i++) {
            vm.prank(BANK);
            statuses.publish(BANK, LIST, ROOT, i, NOW + 1 days);
        }
        if (version != 4) vm.expectRevert(abi.encodeWithSelector(IStatusRegistry.VersionNotNext.selector, 4, version));
        vm.prank(BANK);
        statuses.publish(BANK, LIST, ROOT, version, NOW + 1 days);
    }

    function test_list_is_fresh_for_at_most_seven_days(uint64 freshUntil) external {
        if (freshUntil <= NOW || freshUntil > NOW + 7 days) {
            vm.expectRevert(
                abi.encodeWithSelector(IStatusRegistry.FreshnessOutOfRange.selector, freshUntil, NOW + 7 days)
            );
        }
        vm.prank(BANK);
        statuses.publish(BANK, LIST, ROOT, 1, freshUntil);
    }

    function test_exactly_seven_days_are_taken_and_one_second_more_or_none_refused() external {
        vm.prank(BANK);
        statuses.publish(BANK, LIST, ROOT, 1, NOW + 7 days);
        uint64[2] memory refused = [NOW + 7 days + 1, NOW];
        for (uint256 i = 0; i < refused.length; i++) {
            vm.expectRevert(
                abi.encodeWithSelector(IStatusRegistry.FreshnessOutOfRange.selector, refused[i], NOW + 7 days)
            );
            vm.prank(BANK);
            statuses.publish(BANK, LIST, ROOT, 2, refused[i]);
        }
    }

    function test_stranger_publishes_for_itself_only() external {
        vm.expectRevert(abi.encodeWithSelector(IActsForIdentity.NotOperator.selector, BANK, STRANGER));
        vm.prank(STRANGER);
        statuses.publish(BANK, LIST, ROOT, 1, NOW + 1 days);
        vm.prank(STRANGER);
        statuses.publish(STRANGER, LIST, ROOT, 1, NOW + 1 days);
        vm.assertEq(statuses.statusOf(BANK, LIST).version, 0);
    }

    function test_delegate_of_another_type_is_no_operator() external {
        vm.prank(BANK);
        dids.addDelegate(BANK, "veriKey", STRANGER, 1 days);
        vm.expectRevert(abi.encodeWithSelector(IActsForIdentity.NotOperator.selector, BANK, STRANGER));
        vm.prank(STRANGER);
        statuses.publish(BANK, LIST, ROOT, 1, NOW + 1 days);
    }

    function test_revoked_operator_publishes_no_more() external {
        vm.prank(BANK);
        dids.revokeDelegate(BANK, "operator", OPERATOR);
        vm.expectRevert(abi.encodeWithSelector(IActsForIdentity.NotOperator.selector, BANK, OPERATOR));
        vm.prank(OPERATOR);
        statuses.publish(BANK, LIST, ROOT, 1, NOW + 1 days);
    }

    function test_commitment_of_zero_is_refused() external {
        vm.expectRevert(abi.encodeWithSelector(IStatusRegistry.ZeroCommitment.selector));
        vm.prank(BANK);
        statuses.publish(BANK, LIST, 0, 1, NOW + 1 days);
    }

    function test_publishing_costs_less_than_90_000_gas() external {
        vm.prank(OPERATOR);
        uint256 before = gasleft();
        statuses.publish(BANK, LIST, ROOT, 1, NOW + 1 days);
        vm.assertTrue(before - gasleft() < 90_000);
    }
}
