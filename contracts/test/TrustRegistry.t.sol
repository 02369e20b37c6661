// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Setup} from "./Setup.sol";
import {TrustRegistry} from "../src/TrustRegistry.sol";
import {IActsForIdentity} from "../src/interfaces/IActsForIdentity.sol";
import {IEthereumDIDRegistry} from "../src/interfaces/IEthereumDIDRegistry.sol";
import {ITrustRegistry} from "../src/interfaces/ITrustRegistry.sol";

contract TrustRegistryTest is Setup {
    // Who may do what.

    function test_strangers_guardian_and_banks_may_not_do_the_authoritys_work(uint8 who) external {
        address caller = [STRANGER, GUARDIAN, BANK, OPERATOR][who % 4];
        bytes memory refusal = abi.encodeWithSelector(ITrustRegistry.NotAdmin.selector, caller);
        uint256 number = accredit(BANK);
        bytes[11] memory calls = [
            abi.encodeCall(trust.cancelAdminProposal, ()),
            abi.encodeCall(trust.registerSchema, ("urn:x")),
            abi.encodeCall(trust.addRoot, (ROOT)),
            abi.encodeCall(trust.removeRoot, (ROOT)),
            abi.encodeCall(trust.addCheckpointKey, (KEY)),
            abi.encodeCall(trust.removeCheckpointKey, (KEY)),
            abi.encodeCall(trust.grant, (caller, ITrustRegistry.Role.Police, 0, 0, LATER, EVIDENCE)),
            abi.encodeCall(trust.reinstate, (number)),
            abi.encodeCall(trust.withdraw, (number, NOW)),
            abi.encodeCall(trust.setGuardian, (caller)),
            abi.encodeCall(trust.proposeAdmin, (caller))
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            vm.prank(caller);
            (bool done, bytes memory answer) = address(trust).call(calls[i]);
            vm.assertFalse(done);
            vm.assertEq(keccak256(answer), keccak256(refusal));
        }
    }

    function test_stranger_may_not_suspend() external {
        uint256 number = accredit(BANK);
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.NotGuardian.selector, STRANGER));
        vm.prank(STRANGER);
        trust.suspend(number);
    }

    function test_constructor_refuses_nobody_as_authority_or_guardian_and_a_registry_that_is_none() external {
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.ZeroValue.selector));
        new TrustRegistry(IEthereumDIDRegistry(address(dids)), address(0), GUARDIAN, DELAY);
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.ZeroValue.selector));
        new TrustRegistry(IEthereumDIDRegistry(address(dids)), ADMIN, address(0), DELAY);
        vm.expectRevert(abi.encodeWithSelector(IActsForIdentity.NotAContract.selector, STRANGER));
        new TrustRegistry(IEthereumDIDRegistry(STRANGER), ADMIN, GUARDIAN, DELAY);
    }

    // The authority changes hands in two steps, and late.

    function test_authority_changes_only_after_the_delay_and_only_to_the_proposed() external {
        vm.prank(ADMIN);
        trust.proposeAdmin(STRANGER);
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.NotProposed.selector, BANK));
        vm.prank(BANK);
        trust.acceptAdmin();
        vm.warp(NOW + DELAY - 1);
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.TooEarly.selector, NOW + DELAY, NOW + DELAY - 1));
        vm.prank(STRANGER);
        trust.acceptAdmin();
        vm.assertEq(trust.admin(), ADMIN);
        vm.warp(NOW + DELAY);
        vm.prank(STRANGER);
        trust.acceptAdmin();
        vm.assertEq(trust.admin(), STRANGER);
        vm.assertEq(trust.proposedAdmin(), address(0));
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.NotAdmin.selector, ADMIN));
        vm.prank(ADMIN);
        trust.setGuardian(BANK);
    }

    function test_proposal_taken_back_cannot_be_accepted() external {
        vm.prank(ADMIN);
        trust.proposeAdmin(STRANGER);
        vm.prank(ADMIN);
        trust.cancelAdminProposal();
        vm.warp(NOW + DELAY);
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.NotProposed.selector, STRANGER));
        vm.prank(STRANGER);
        trust.acceptAdmin();
    }

    function test_new_proposal_starts_the_delay_again() external {
        vm.prank(ADMIN);
        trust.proposeAdmin(STRANGER);
        vm.warp(NOW + DELAY);
        vm.prank(ADMIN);
        trust.proposeAdmin(BANK);
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.NotProposed.selector, STRANGER));
        vm.prank(STRANGER);
        trust.acceptAdmin();
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.TooEarly.selector, NOW + 2 * DELAY, NOW + DELAY));
        vm.prank(BANK);
        trust.acceptAdmin();
    }

    // Schemas, roots, checkpoint keys.

    function test_schema_is_named_by_the_keccak_of_its_type_and_registered_once() external {
        vm.assertTrue(trust.isSchema(keccak256(bytes(VCT))));
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.AlreadyRegistered.selector, SCHEMA));
        vm.prank(ADMIN);
        trust.registerSchema(VCT);
    }

    function test_schema_of_256_bytes_is_taken_and_of_one_more_or_none_refused() external {
        vm.prank(ADMIN);
        trust.registerSchema(string(new bytes(256)));
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.TooLong.selector, 257, 256));
        vm.prank(ADMIN);
        trust.registerSchema(string(new bytes(257)));
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.ZeroValue.selector));
        vm.prank(ADMIN);
        trust.registerSchema("");
    }

    function test_removed_root_keeps_its_dates_and_never_comes_back() external {
        vm.prank(ADMIN);
        trust.addRoot(ROOT);
        vm.warp(NOW + 1 days);
        vm.prank(ADMIN);
        trust.removeRoot(ROOT);
        vm.assertEq(trust.rootListing(ROOT).since, NOW);
        vm.assertEq(trust.rootListing(ROOT).until, NOW + 1 days);
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.AlreadyRegistered.selector, ROOT));
        vm.prank(ADMIN);
        trust.addRoot(ROOT);
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.NotRegistered.selector, ROOT));
        vm.prank(ADMIN);
        trust.removeRoot(ROOT);
    }

    function test_checkpoint_key_is_added_and_removed_once() external {
        vm.prank(ADMIN);
        trust.addCheckpointKey(KEY);
        vm.assertEq(trust.checkpointKeyListing(KEY).since, NOW);
        vm.prank(ADMIN);
        trust.removeCheckpointKey(KEY);
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.NotRegistered.selector, KEY));
        vm.prank(ADMIN);
        trust.removeCheckpointKey(KEY);
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.ZeroValue.selector));
        vm.prank(ADMIN);
        trust.addCheckpointKey(0);
    }

    // Signing keys.

    function test_owner_and_operator_add_keys_and_a_lapsed_operator_does_not() external {
        vm.prank(BANK);
        trust.addSigningKey(BANK, KEY, 0, LATER);
        vm.assertEq(trust.signingKey(BANK, KEY).validFrom, NOW);
        vm.prank(OPERATOR);
        trust.addSigningKey(BANK, keccak256("second"), NOW, LATER);
        vm.warp(NOW + 30 days);
        vm.expectRevert(abi.encodeWithSelector(IActsForIdentity.NotOperator.selector, BANK, OPERATOR));
        vm.prank(OPERATOR);
        trust.addSigningKey(BANK, keccak256("third"), 0, LATER);
    }

    function test_owner_of_a_handed_over_identity_adds_keys_and_the_old_one_does_not() external {
        vm.prank(BANK);
        dids.changeOwner(BANK, STRANGER);
        vm.prank(STRANGER);
        trust.addSigningKey(BANK, KEY, 0, LATER);
        vm.expectRevert(abi.encodeWithSelector(IActsForIdentity.NotOperator.selector, BANK, BANK));
        vm.prank(BANK);
        trust.addSigningKey(BANK, keccak256("second"), 0, LATER);
    }

    function test_key_is_never_overwritten() external {
        vm.prank(BANK);
        trust.addSigningKey(BANK, KEY, 0, LATER);
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.AlreadyRegistered.selector, KEY));
        vm.prank(BANK);
        trust.addSigningKey(BANK, KEY, 0, LATER + 1);
    }

    function test_key_of_one_participant_blocks_no_other(address other) external {
        vm.assume(other != BANK && other != address(0));
        vm.prank(other);
        trust.addSigningKey(other, KEY, 0, LATER);
        vm.prank(BANK);
        trust.addSigningKey(BANK, KEY, 0, LATER);
    }

    function test_key_begins_now_or_later_and_ends_after_that(uint64 from, uint64 until) external {
        uint64 start = from == 0 ? NOW : from;
        if (start < NOW) {
            vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.StartsInThePast.selector, start, NOW));
        } else if (until <= start) {
            vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.EmptyPeriod.selector, start, until));
        }
        vm.prank(BANK);
        trust.addSigningKey(BANK, KEY, from, until);
        vm.assertTrue(trust.signingKey(BANK, KEY).validFrom == 0 || trust.signingKey(BANK, KEY).validFrom >= NOW);
    }

    function test_period_of_no_seconds_is_refused_and_of_one_taken() external {
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.EmptyPeriod.selector, NOW, NOW));
        vm.prank(BANK);
        trust.addSigningKey(BANK, KEY, NOW, NOW);
        vm.prank(BANK);
        trust.addSigningKey(BANK, KEY, NOW, NOW + 1);
    }

    function test_theft_is_reported_by_owner_or_authority_and_by_no_operator() external {
        vm.prank(BANK);
        trust.addSigningKey(BANK, KEY, 0, LATER);
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.NotOwnerOrAdmin.selector, BANK, OPERATOR));
        vm.prank(OPERATOR);
        trust.reportStolen(BANK, KEY, NOW);
        vm.prank(ADMIN);
        trust.reportStolen(BANK, KEY, NOW);
        vm.prank(BANK);
        trust.reportStolen(BANK, KEY, NOW - 10 days);
        vm.assertEq(trust.signingKey(BANK, KEY).stolenSince, NOW - 10 days);
    }

    function test_theft_moves_only_into_the_past_and_is_never_in_the_future(uint64 first, uint64 second) external {
        vm.assume(first > 0 && first <= NOW && second > 0);
        vm.prank(BANK);
        trust.addSigningKey(BANK, KEY, 0, LATER);
        vm.prank(BANK);
        trust.reportStolen(BANK, KEY, first);
        if (second > NOW) {
            vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.StolenInTheFuture.selector, second, NOW));
        } else if (second >= first) {
            vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.OnlyEarlier.selector, first, second));
        }
        vm.prank(BANK);
        trust.reportStolen(BANK, KEY, second);
        vm.assertTrue(trust.signingKey(BANK, KEY).stolenSince <= first);
    }

    function test_unknown_key_cannot_be_stolen() external {
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.NotRegistered.selector, KEY));
        vm.prank(BANK);
        trust.reportStolen(BANK, KEY, NOW);
    }

    // Grants.

    function test_second_accreditation_is_a_second_grant_and_leaves_the_first_as_it_was() external {
        uint256 first = accredit(BANK);
        vm.prank(ADMIN);
        trust.withdraw(first, NOW - 1 days);
        uint256 second = accredit(BANK);
        vm.assertEq(second, first + 1);
        vm.assertFalse(trust.mayIssue(first, BANK, SCHEMA));
        vm.assertTrue(trust.mayIssue(second, BANK, SCHEMA));
        vm.assertEq(trust.grantOf(first).withdrawnFrom, NOW - 1 days);
    }

    function test_grant_holds_for_its_participant_schema_and_period_only(uint64 time, address other, bytes32 schema)
        external
    {
        vm.assume(other != BANK && schema != SCHEMA);
        vm.prank(ADMIN);
        uint256 number = trust.grant(BANK, ITrustRegistry.Role.Issuer, SCHEMA, NOW + 1 days, LATER, EVIDENCE);
        vm.assertFalse(trust.mayIssue(number, BANK, SCHEMA));
        vm.warp(time);
        vm.assertTrue(trust.mayIssue(number, BANK, SCHEMA) == (time >= NOW + 1 days && time < LATER));
        vm.assertFalse(trust.mayIssue(number, other, SCHEMA));
        vm.assertFalse(trust.mayIssue(number, BANK, schema));
        vm.assertFalse(trust.mayIssue(number + 1, BANK, SCHEMA));
        vm.assertFalse(trust.mayIssue(0, address(0), 0));
    }

    function test_guardian_suspends_at_once_and_only_the_authority_reinstates() external {
        uint256 number = accredit(BANK);
        vm.prank(GUARDIAN);
        trust.suspend(number);
        vm.assertFalse(trust.mayIssue(number, BANK, SCHEMA));
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.SuspensionUnchanged.selector, number, true));
        vm.prank(GUARDIAN);
        trust.suspend(number);
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.NotAdmin.selector, GUARDIAN));
        vm.prank(GUARDIAN);
        trust.reinstate(number);
        vm.prank(ADMIN);
        trust.reinstate(number);
        vm.assertTrue(trust.mayIssue(number, BANK, SCHEMA));
    }

    function test_reinstating_does_not_undo_a_withdrawal() external {
        uint256 number = accredit(BANK);
        vm.prank(GUARDIAN);
        trust.suspend(number);
        vm.prank(ADMIN);
        trust.withdraw(number, NOW);
        vm.prank(ADMIN);
        trust.reinstate(number);
        vm.assertFalse(trust.mayIssue(number, BANK, SCHEMA));
    }

    function test_withdrawal_takes_effect_when_it_says(uint64 effective) external {
        vm.assume(effective > 0);
        uint256 number = accredit(BANK);
        vm.prank(ADMIN);
        trust.withdraw(number, effective);
        vm.assertTrue(trust.mayIssue(number, BANK, SCHEMA) == (effective > NOW));
    }

    function test_withdrawal_moves_only_into_the_past(uint64 first, uint64 second) external {
        vm.assume(first > 0 && second > 0);
        uint256 number = accredit(BANK);
        vm.prank(ADMIN);
        trust.withdraw(number, first);
        if (second >= first) {
            vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.OnlyEarlier.selector, first, second));
        }
        vm.prank(ADMIN);
        trust.withdraw(number, second);
        vm.assertEq(trust.grantOf(number).withdrawnFrom, second < first ? second : first);
    }

    function test_issuer_needs_a_registered_schema_and_other_roles_none(uint8 role, bytes32 schema) external {
        vm.assume(schema != SCHEMA && schema != 0);
        ITrustRegistry.Role chosen = ITrustRegistry.Role(role % 5);
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.SchemaDoesNotFitRole.selector, chosen, schema));
        vm.prank(ADMIN);
        trust.grant(BANK, chosen, schema, 0, LATER, EVIDENCE);
        bool issuer = chosen == ITrustRegistry.Role.Issuer;
        vm.prank(ADMIN);
        trust.grant(BANK, chosen, issuer ? SCHEMA : bytes32(0), 0, LATER, EVIDENCE);
        vm.assertTrue(trust.mayIssue(1, BANK, SCHEMA) == issuer);
    }

    function test_grant_that_does_not_exist_cannot_be_changed(uint256 number) external {
        accredit(BANK);
        vm.assume(number != 1);
        bytes memory refusal = abi.encodeWithSelector(ITrustRegistry.NoSuchGrant.selector, number);
        vm.expectRevert(refusal);
        vm.prank(ADMIN);
        trust.suspend(number);
        vm.expectRevert(refusal);
        vm.prank(ADMIN);
        trust.reinstate(number);
        vm.expectRevert(refusal);
        vm.prank(ADMIN);
        trust.withdraw(number, NOW);
    }

    function test_zero_is_no_participant_evidence_key_date_or_authority() external {
        uint256 number = accredit(BANK);
        vm.prank(BANK);
        trust.addSigningKey(BANK, KEY, 0, LATER);
        bytes[7] memory calls = [
            abi.encodeCall(trust.grant, (address(0), ITrustRegistry.Role.Police, 0, 0, LATER, EVIDENCE)),
            abi.encodeCall(trust.grant, (BANK, ITrustRegistry.Role.Police, 0, 0, LATER, 0)),
            abi.encodeCall(trust.reportStolen, (BANK, KEY, 0)),
            abi.encodeCall(trust.withdraw, (number, 0)),
            abi.encodeCall(trust.setGuardian, (address(0))),
            abi.encodeCall(trust.proposeAdmin, (address(0))),
            abi.encodeCall(trust.addRoot, (0))
        ];
        for (uint256 i = 0; i < calls.length; i++) {
            vm.prank(ADMIN);
            (bool done, bytes memory answer) = address(trust).call(calls[i]);
            vm.assertFalse(done);
            vm.assertEq(keccak256(answer), keccak256(abi.encodeWithSelector(ITrustRegistry.ZeroValue.selector)));
        }
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.ZeroValue.selector));
        vm.prank(BANK);
        trust.addSigningKey(BANK, 0, 0, LATER);
        vm.expectRevert(abi.encodeWithSelector(ITrustRegistry.NotProposed.selector, address(0)));
        vm.prank(ADMIN);
        trust.cancelAdminProposal();
    }
}
