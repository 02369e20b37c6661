"""Every kind of notice over real HTTP, and every notice that the rules refuse."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fraud_check.client import HeldAccount, NoticeDraft, account_subject
from passport.clock import to_epoch
from passport.errors import Malformed, Reason, Rejected
from passport.fraud import AlertKind, Notice, NoticeForm, NoticeKind, VerdictClass, seal
from passport.fraud.names import NOTICE_TYP, NOTICES_PATH
from passport.fraud.requests import Acknowledged, NoticeBody
from passport.identifiers import Handle
from passport.registry import Role
from tests.simulators.hub_cast import WARNED, Cast


def draft(cast: Cast, kind: NoticeKind, id_: str = "notice-0000000000000042") -> NoticeDraft:
    return NoticeDraft(id_, kind, "165", cast.world.clock.now())


def reason(cast: Cast, notice: NoticeDraft) -> Reason:
    with pytest.raises(Rejected) as refused:
        cast.police.notify(notice)
    return refused.value.reason


def kinds(cast: Cast) -> list[AlertKind]:
    return [one.alert.kind for one in cast.bank_b.alerts(after=0).alerts]


def test_an_impersonated_opening_blocks_for_good(cast: Cast) -> None:
    cast.offer()
    cast.police.notify(replace(draft(cast, NoticeKind.IMPERSONATED), account=cast.lin_a))
    assert cast.ask().verdict.verdict_class is VerdictClass.BLOCK
    assert kinds(cast) == [AlertKind.IMPERSONATED]


def test_an_extension_holds_once_and_everybody_hears_of_it(cast: Cast) -> None:
    cast.offer()
    cast.warn()
    until = cast.world.clock.now() + timedelta(days=2 * 365 + 100)
    extension = replace(draft(cast, NoticeKind.EXTEND), concerns=WARNED, until=until)
    cast.police.notify(extension)
    assert kinds(cast) == [AlertKind.WARNING, AlertKind.EXTENDED]
    alert = cast.bank_b.alerts(after=1).alerts[0].alert
    assert (alert.notice, alert.account) == (WARNED, cast.lin_a)
    cast.world.clock.moved = timedelta(days=2 * 365 + 50)
    again = replace(extension, id="notice-0000000000000043", effective=cast.world.clock.now())
    assert reason(cast, again) is Reason.CONFLICT
    before = cast.bank_a.ask_before_offer(accounts=[cast.lin_a], person=cast.lin).verdict
    assert before.verdict_class is VerdictClass.BLOCK


def test_a_late_document_is_a_task_and_its_arrival_ends_it(cast: Cast) -> None:
    cast.offer()
    phoned = replace(
        draft(cast, NoticeKind.WARN, WARNED), account=cast.lin_a, person=cast.lin, form=NoticeForm.PHONE
    )
    cast.police.notify(phoned)
    cast.world.clock.moved = timedelta(days=30)
    book = cast.world.hub.book
    assert [task.warning for task in book.paper_tasks(at=cast.world.clock.now())] == [WARNED]
    assert cast.bank_a.ask_before_offer(accounts=[cast.lin_a], person=cast.lin).verdict.verdict_class is (
        VerdictClass.BLOCK
    )
    cast.police.notify(replace(draft(cast, NoticeKind.DOCUMENT), concerns=WARNED))
    assert book.paper_tasks(at=cast.world.clock.now()) == ()
    assert kinds(cast) == [AlertKind.WARNING]


@pytest.mark.parametrize("kind", [NoticeKind.LIFT, NoticeKind.DOCUMENT, NoticeKind.EXTEND])
def test_what_is_about_no_warning_is_refused_and_leaves_nothing(cast: Cast, kind: NoticeKind) -> None:
    until = cast.world.clock.now() + timedelta(days=800)
    about_nothing = replace(draft(cast, kind), concerns="notice-that-never-came", until=until)
    assert reason(cast, about_nothing) is Reason.NOT_FOUND
    assert kinds(cast) == []


def test_another_polices_notice_may_not_take_a_warnings_id(cast: Cast) -> None:
    cast.offer()
    cast.warn()
    other = cast.world.police(cast.world.participant(Role.POLICE))
    with pytest.raises(Rejected) as refused:
        other.notify(replace(draft(cast, NoticeKind.WARN, WARNED), account=cast.lin_b))
    assert refused.value.reason is Reason.CONFLICT


def test_a_notice_that_names_too_little_is_malformed(cast: Cast) -> None:
    for kind in (NoticeKind.WARN, NoticeKind.ADMONISH, NoticeKind.LIFT):
        with pytest.raises((Malformed, ValueError)):
            cast.police.notify(draft(cast, kind))


def test_a_notice_signed_by_another_police_is_nobodys(cast: Cast) -> None:
    other = cast.world.participant(Role.POLICE)
    now = cast.world.clock.now()
    notice = Notice(
        iss=str(other.did),
        aud=str(cast.world.identity.did),
        iat=to_epoch(now),
        jti="notice-0000000000000077",
        kind=NoticeKind.WARN,
        case="165",
        account=cast.lin_a,
        effective_ms=int(now.timestamp() * 1000),
    )
    signed = seal(notice, typ=NOTICE_TYP, signer=other.signer)
    with pytest.raises(Rejected) as refused:
        cast.world.connection(cast.p).post(NOTICES_PATH, NoticeBody(notice=signed), answer=Acknowledged)
    assert refused.value.reason is Reason.NOT_AUTHORISED


def test_accounts_linked_together_are_derived_together(cast: Cast) -> None:
    third = account_subject("TW:812:0099:000011110000")
    other = cast.bank_b.tokens([third])[third]
    cast.police.notify(replace(draft(cast, NoticeKind.WARN, WARNED), account=cast.lin_b))
    cast.bank_b.link_accounts([HeldAccount(cast.lin_b, cast.lin), HeldAccount(other, cast.lin)])
    derived = [one.alert.account for one in cast.bank_b.alerts(after=1).alerts]
    assert derived == [other]
    verdict = cast.bank_b.ask_before_offer(accounts=[other], person=cast.lin).verdict
    assert verdict.verdict_class is VerdictClass.BLOCK


def test_handles_are_registered_once_and_never_for_the_past(cast: Cast) -> None:
    held = [HeldAccount(cast.lin_a, cast.lin)]
    now = cast.world.clock.now()

    def register(expires_at_days: int, handle: str = "h" * 22) -> None:
        cast.bank_a.register_handles(
            registration="offer-0000000000000050",
            handles=[Handle(handle)],
            accounts=held,
            expires_at=now + timedelta(days=expires_at_days),
        )

    with pytest.raises(Rejected) as past:
        register(-1)
    assert past.value.reason is Reason.EXPIRED
    register(9)
    register(9)
    with pytest.raises(Rejected) as other:
        register(9, "i" * 22)
    assert other.value.reason is Reason.CONFLICT
