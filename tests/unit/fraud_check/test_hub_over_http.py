"""The journey's part of the hub over real HTTP: tokens, handles, questions, notices, alerts; then restarts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fraud_check.client import HeldAccount, NoticeDraft, account_subject
from fraud_check.use_cases.tell_lapses import tell_lapses
from passport.errors import Reason, Rejected, Unavailable
from passport.fraud import AlertKind, NoticeKind, TrackKind, VerdictClass
from passport.identifiers import Handle
from tests.simulators.hub_cast import HANDLE, LIN, LIN_A, Cast


def test_tokens_are_the_same_for_every_member_and_the_police(cast: Cast) -> None:
    assert cast.bank_b.tokens([LIN_A])[LIN_A] == cast.lin_a
    assert cast.police.tokens([LIN])[LIN] == cast.lin
    assert len({cast.lin_a, cast.lin_b, cast.lin}) == 3


def test_a_clean_account_is_clear_before_the_offer_and_for_the_verifier(cast: Cast) -> None:
    cast.offer()
    before = cast.bank_a.ask_before_offer(accounts=[cast.lin_a], person=cast.lin).verdict
    assert before.verdict_class is VerdictClass.CLEAR
    verdict = cast.ask().verdict
    assert verdict.verdict_class is VerdictClass.CLEAR
    assert verdict.application == "application-1"
    assert verdict.depth == 3
    assert "graph-2026-02" in verdict.rule
    assert verdict.exp - verdict.iat <= 300


def test_a_warning_blocks_at_once_and_reaches_every_member(cast: Cast) -> None:
    cast.offer()
    cast.bank_b.link_accounts([HeldAccount(cast.lin_b, cast.lin)])
    started = cast.world.clock.now()
    cast.warn()
    assert cast.ask().verdict.verdict_class is VerdictClass.BLOCK
    assert cast.world.clock.now() - started < timedelta(seconds=1)
    stream_a, stream_b = cast.bank_a.alerts(after=0), cast.bank_b.alerts(after=0)
    assert [one.alert.kind for one in stream_a.alerts] == [AlertKind.WARNING]
    assert [one.alert.kind for one in stream_b.alerts] == [AlertKind.WARNING, AlertKind.DERIVED]
    assert stream_b.alerts[1].alert.account == cast.lin_b
    assert stream_a.alerts[0].alert.account == cast.lin_a
    assert cast.bank_a.alerts(after=1).alerts == ()
    before = cast.bank_b.ask_before_offer(accounts=[cast.lin_b], person=cast.lin).verdict
    assert before.verdict_class is VerdictClass.BLOCK
    assert {one.track for one in before.evidence} == {TrackKind.DERIVED, TrackKind.WARNING}


def test_warned_then_lifted_is_clear_again(cast: Cast) -> None:
    cast.offer()
    cast.warn()
    cast.lift()
    assert cast.ask().verdict.verdict_class is VerdictClass.CLEAR
    kinds = [one.alert.kind for one in cast.bank_a.alerts(after=0).alerts]
    assert kinds == [AlertKind.WARNING, AlertKind.LIFTED]


def test_lifted_but_derived_stays_blocked_until_the_bank_says_the_cause_is_gone(cast: Cast) -> None:
    cast.offer()
    cast.warn(account=cast.lin_b)
    assert cast.ask().verdict.verdict_class is VerdictClass.BLOCK
    with pytest.raises(Rejected) as refused:
        cast.bank_a.cause_gone(person=cast.lin, reference="officer-0000000000001")
    assert refused.value.reason is Reason.CONFLICT
    cast.lift()
    assert cast.ask().verdict.verdict_class is VerdictClass.BLOCK
    cast.bank_a.cause_gone(person=cast.lin, reference="officer-0000000000001")
    cast.bank_a.cause_gone(person=cast.lin, reference="officer-0000000000001")
    assert cast.ask().verdict.verdict_class is VerdictClass.CLEAR


def test_an_account_linked_under_a_warning_is_derived_at_once(cast: Cast) -> None:
    cast.offer()
    cast.warn()
    cast.bank_b.link_accounts([HeldAccount(cast.lin_b, cast.lin)])
    alerts = cast.bank_b.alerts(after=1).alerts
    assert [(one.alert.kind, one.alert.account) for one in alerts] == [(AlertKind.DERIVED, cast.lin_b)]


def test_the_same_question_gets_the_same_verdict_and_a_second_one_is_refused(cast: Cast) -> None:
    cast.offer()
    shown = cast.world.presented(cast.a, cast.x, HANDLE)
    question = cast.question(shown)
    first = cast.bank_x.ask(question)
    cast.warn()
    assert cast.bank_x.ask(question).signed == first.signed
    with pytest.raises(Unavailable) as refused:
        cast.bank_x.ask(cast.question(shown))
    assert refused.value.reason is Reason.FRAUD_UNKNOWN
    assert isinstance(refused.value.__cause__, Rejected)
    assert refused.value.__cause__.reason is Reason.CONFLICT


def test_a_notice_id_with_other_content_is_a_conflict(cast: Cast) -> None:
    cast.offer()
    cast.warn()
    with pytest.raises(Rejected) as refused:
        cast.warn(account=cast.lin_b)
    assert refused.value.reason is Reason.CONFLICT
    assert len(cast.bank_a.alerts(after=0).alerts) == 1


def test_the_same_notice_again_is_acknowledged_once(cast: Cast) -> None:
    cast.offer()
    draft = NoticeDraft(
        id="notice-0000000000000009",
        kind=NoticeKind.WARN,
        case="165",
        effective=cast.world.clock.now(),
        account=cast.lin_a,
        person=cast.lin,
    )
    assert cast.police.notify(draft) is False
    assert cast.police.notify(draft) is True
    assert len(cast.bank_a.alerts(after=0).alerts) == 1


def test_everything_acknowledged_survives_a_restart(cast: Cast) -> None:
    cast.offer()
    question = cast.question()
    verdict = cast.bank_x.ask(question).signed
    cast.warn()
    before = [one.alert.n for one in cast.bank_a.alerts(after=0).alerts]
    cast.world.restart()
    assert cast.bank_x.ask(question).signed == verdict
    assert cast.ask().verdict.verdict_class is VerdictClass.BLOCK
    assert [one.alert.n for one in cast.bank_a.alerts(after=0).alerts] == before
    assert cast.bank_b.tokens([LIN_A])[LIN_A] == cast.lin_a


def test_registering_handles_again_is_safe_and_otherwise_a_conflict(cast: Cast) -> None:
    cast.offer()
    held = [HeldAccount(cast.lin_a, cast.lin)]
    with pytest.raises(Rejected) as refused:
        cast.bank_a.register_handles(
            registration="offer-0000000000000002",
            handles=[Handle(HANDLE)],
            accounts=held,
            expires_at=cast.world.clock.now() + timedelta(days=90),
        )
    assert refused.value.reason is Reason.CONFLICT


def test_a_proof_over_two_accounts_follows_the_worse_one(cast: Cast) -> None:
    other = account_subject("TW:822:0001:000055556666")
    second = cast.bank_a.tokens([other])[other]
    held = [HeldAccount(cast.lin_a, cast.lin), HeldAccount(second, cast.lin)]
    cast.bank_a.register_handles(
        registration="offer-0000000000000003",
        handles=[Handle(HANDLE)],
        accounts=held,
        expires_at=cast.world.clock.now() + timedelta(days=90),
    )
    cast.warn()
    cast.lift()
    assert cast.ask().verdict.verdict_class is VerdictClass.BLOCK
    cast.bank_a.cause_gone(person=cast.lin, reference="officer-0000000000001")
    assert cast.ask().verdict.verdict_class is VerdictClass.CLEAR


def test_a_warning_lapses_by_itself(cast: Cast) -> None:
    cast.offer()
    cast.warn()
    cast.world.clock.moved = timedelta(days=2 * 365 + 2)
    before = cast.bank_a.ask_before_offer(accounts=[cast.lin_a], person=cast.lin).verdict
    assert before.verdict_class is VerdictClass.CLEAR


def test_every_member_hears_once_that_a_warning_lapsed(cast: Cast) -> None:
    cast.offer()
    cast.warn()
    assert tell_lapses(cast.world.hub) == 0
    cast.world.clock.moved = timedelta(days=2 * 365 + 2)
    # The hub tells it by itself within a second; whoever comes first, it is told once.
    tell_lapses(cast.world.hub)
    cast.world.restart()
    assert tell_lapses(cast.world.hub) == 0
    alerts = [one.alert for one in cast.bank_b.alerts(after=0).alerts]
    assert [(one.kind, one.notifier is None) for one in alerts] == [
        (AlertKind.WARNING, False),
        (AlertKind.LIFTED, True),
    ]
    assert alerts[1].notice == alerts[0].notice


def test_an_admonition_and_an_earmark_ask_for_a_person(cast: Cast) -> None:
    cast.offer()
    now = cast.world.clock.now()
    cast.police.notify(
        NoticeDraft("earmark-0000000000001", NoticeKind.EARMARK, "165", now, account=cast.lin_a)
    )
    assert cast.ask().verdict.verdict_class is VerdictClass.REVIEW
    cast.world.clock.moved = timedelta(hours=48)
    assert cast.ask().verdict.verdict_class is VerdictClass.CLEAR
    cast.police.notify(NoticeDraft("admonition-0000000001", NoticeKind.ADMONISH, "165", now, person=cast.lin))
    assert cast.ask().verdict.verdict_class is VerdictClass.REVIEW


def test_hub_down_is_could_not_tell(cast: Cast) -> None:
    cast.offer()
    question = cast.question()
    cast.world.stop()
    cast.world.listener.close()
    with pytest.raises(Unavailable) as refused:
        cast.bank_x.ask(question)
    assert refused.value.reason is Reason.FRAUD_UNKNOWN
    with pytest.raises(Unavailable) as unknown:
        cast.bank_a.ask_before_offer(accounts=[cast.lin_a], person=cast.lin)
    assert unknown.value.reason is Reason.FRAUD_UNKNOWN
