"""The bank's desk at a real hub over HTTP: tokens, verdicts, handles, alerts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fraud_check.client import (
    HeldAccount,
    HubConnection,
    NoticeDraft,
    PresentedProof,
    account_subject,
    person_subject,
)
from issuer.customer import Customer
from issuer.ports import ProvenAccounts
from issuer.remote.bank_file import FileBank
from issuer.remote.hub import HubDesk
from outbound import AskAgain
from passport.errors import Reason, Rejected, Unavailable
from passport.fraud import AlertKind, NoticeKind, VerdictClass
from passport.jose import b64u_encode
from passport.registry import Role
from tests.simulators.hub_world import NONCE, HubWorld, Participant

LIN = ProvenAccounts(
    offer_id="offer-0000000000000001",
    accounts=("TW:899:0001:000012345678", "TW:899:0001:000012349999"),
    person="TW:SBLIN",
    handles=tuple(b64u_encode(bytes([n]) * 16) for n in range(5)),
    made_at=datetime.now(UTC).replace(microsecond=0),
)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubWorld]:
    world = HubWorld(tmp_path)
    world.start()
    yield world
    world.close()


@pytest.fixture
def bank_a(hub: HubWorld) -> Participant:
    return hub.participant(Role.MEMBER, Role.ISSUER)


@pytest.fixture
def desk(hub: HubWorld, bank_a: Participant, bank: FileBank) -> HubDesk:
    return HubDesk(hub.connection(bank_a), hub.member(bank_a), bank.customers)


def notice(  # noqa: PLR0917 - a test's own
    hub: HubWorld,
    police: Participant,
    number: str,
    account: str,
    kind: NoticeKind = NoticeKind.WARN,
    concerns: str | None = None,
) -> None:
    client = hub.police(police)
    subject, person = account_subject(account), person_subject("TW", "SBLIN")
    tokens = client.tokens([subject, person])
    client.notify(
        NoticeDraft(
            id=number, kind=kind, case="case-1", effective=hub.clock.now(), account=tokens[subject],
            person=tokens[person], concerns=concerns,
        )
    )  # fmt: skip


def test_clear_account_gets_its_handles_registered_and_a_verifier_may_ask(
    hub: HubWorld, desk: HubDesk, bank_a: Participant
) -> None:
    answer = desk.before_offer(LIN)
    assert (answer.verdict, answer.handles_registered) == (VerdictClass.CLEAR, True)
    hub.clock.moved += timedelta(seconds=5)
    assert desk.before_offer(LIN).handles_registered
    abroad = hub.participant(Role.VERIFIER)
    shown = hub.presented(bank_a, abroad, LIN.handles[0])
    client = hub.verifier(abroad)
    proof = PresentedProof(
        application="application-00001",
        purpose="account-opening",
        nonce=NONCE,
        credential=shown.credential,
        kb_jwt=shown.kb_jwt,
    )
    verdict = client.ask(client.question(proof))
    assert verdict.verdict.verdict_class is VerdictClass.CLEAR


def test_warned_account_blocks_and_its_alerts_name_the_customer(hub: HubWorld, desk: HubDesk) -> None:
    assert desk.before_offer(LIN).verdict is VerdictClass.CLEAR
    police = hub.participant(Role.POLICE)
    notice(hub, police, "notice-000000001", LIN.accounts[0])
    answer = desk.before_offer(LIN)
    assert (answer.verdict, answer.handles_registered) == (VerdictClass.BLOCK, False)
    alerts = desk.after(0)
    assert [(one.number, one.kind, one.customer) for one in alerts] == [
        (1, AlertKind.WARNING, "lin"),
        (2, AlertKind.DERIVED, "lin"),
    ]
    assert desk.after(2) == ()


def gained(bank: FileBank, number: str) -> tuple[Customer, ...]:
    """The books after lin opened another account."""
    lin, *others = bank.customers()
    account = replace(lin.accounts[0], number=number)
    return (replace(lin, accounts=(*lin.accounts, account)), *others)


def test_alert_about_an_account_gained_while_the_desk_works_names_its_customer(
    hub: HubWorld, bank_a: Participant, bank: FileBank
) -> None:
    books = [bank.customers()]
    desk = HubDesk(hub.connection(bank_a), hub.member(bank_a), lambda: books[-1])
    assert desk.after(0) == ()
    known = desk.known
    notice(hub, hub.participant(Role.POLICE), "notice-000000001", "TW:899:0001:000077777777")
    (before,) = [one for one in desk.after(0) if one.kind is AlertKind.WARNING]
    assert (before.customer, desk.customer_of(before.about)) == (None, None)
    books.append(gained(bank, "000077777777"))
    after = desk.after(0)
    assert after[0] == replace(before, customer="lin")
    assert desk.customer_of(before.about) == "lin"
    assert desk.known == known + 1
    # The hub knows the account, too: it says block before an offer that proves it.
    proven = replace(LIN, accounts=("TW:899:0001:000077777777",))
    assert desk.before_offer(proven).verdict is VerdictClass.BLOCK


def test_link_that_the_hub_refuses_stops_neither_alerts_nor_other_accounts(
    hub: HubWorld, bank_a: Participant, bank: FileBank
) -> None:
    other = hub.member(hub.participant(Role.MEMBER))
    subjects = [account_subject("TW:899:0001:000077777777"), person_subject("TW", "SBSOMEBODY")]
    tokens = other.tokens(subjects)
    other.link_accounts([HeldAccount(tokens[subjects[0]], tokens[subjects[1]])])
    desk = HubDesk(hub.connection(bank_a), hub.member(bank_a), lambda: gained(bank, "000077777777"))
    assert desk.before_offer(LIN).verdict is VerdictClass.CLEAR
    notice(hub, hub.participant(Role.POLICE), "notice-000000001", LIN.accounts[0])
    assert desk.after(0)[0].customer == "lin"


def test_account_elsewhere_of_our_customer_is_a_warning_about_nobody_here_and_a_derived_about_ours(
    hub: HubWorld, desk: HubDesk
) -> None:
    desk.before_offer(LIN)
    police = hub.participant(Role.POLICE)
    notice(hub, police, "notice-000000001", "TW:898:0001:900000000001")
    found = [(one.kind, one.customer) for one in desk.after(0)]
    assert found[0] == (AlertKind.WARNING, None)
    assert set(found[1:]) == {(AlertKind.DERIVED, "lin")}


def test_cause_gone_is_refused_while_warned_and_taken_after_the_lift(hub: HubWorld, desk: HubDesk) -> None:
    desk.before_offer(LIN)
    police = hub.participant(Role.POLICE)
    notice(hub, police, "notice-000000001", LIN.accounts[0])
    with pytest.raises(Rejected) as caught:
        desk.cause_gone(LIN.person, "reference-0000001")
    assert caught.value.reason is Reason.CONFLICT
    notice(hub, police, "notice-000000002", LIN.accounts[0], NoticeKind.LIFT, concerns="notice-000000001")
    assert desk.before_offer(LIN).verdict is VerdictClass.BLOCK
    desk.cause_gone(LIN.person, "reference-0000001")
    assert desk.before_offer(LIN).verdict is VerdictClass.CLEAR
    assert [one.kind for one in desk.after(2)] == [AlertKind.LIFTED, AlertKind.CAUSE_GONE]


def test_hub_that_is_down_is_unknown(hub: HubWorld, desk: HubDesk) -> None:
    hub.stop()
    answer = desk.before_offer(LIN)
    assert (answer.verdict, answer.handles_registered) == (VerdictClass.UNKNOWN, False)


@pytest.mark.parametrize(("back_at", "verdict"), [(2.5, VerdictClass.CLEAR), (3600.0, VerdictClass.UNKNOWN)])
def test_a_hub_that_restarts_sends_no_offer_to_an_officer(
    hub: HubWorld, bank_a: Participant, bank: FileBank, back_at: float, verdict: VerdictClass
) -> None:
    """Away for two and a half seconds, whichever of its answers is then lost; away for an hour, it is not waited for."""
    now, slept = [0.0], list[float]()

    class Restarting(HubConnection):
        def _exchange(self, *args: Any, **more: Any) -> Any:
            if now[0] < back_at:
                raise Unavailable(Reason.UPSTREAM_UNAVAILABLE, "not reached")
            return super()._exchange(*args, **more)

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    connection = hub.connection(bank_a)
    connection.__class__ = Restarting
    member = hub.member(bank_a)
    member._hub = connection
    desk = HubDesk(connection, member, bank.customers, AskAgain(clock=lambda: now[0], sleep=sleep))
    answer = desk.before_offer(LIN)
    assert (answer.verdict, answer.handles_registered) == (verdict, verdict is VerdictClass.CLEAR)
    assert sum(slept) <= 4.0
    waited = len(slept)
    assert desk.before_offer(LIN).verdict is verdict
    assert len(slept) == waited


def test_what_the_hub_refuses_to_answer_is_unknown(hub: HubWorld, bank: FileBank) -> None:
    stranger = hub.participant()
    desk = HubDesk(hub.connection(stranger), hub.member(stranger), bank.customers)
    assert desk.before_offer(LIN).verdict is VerdictClass.UNKNOWN


def test_verdict_is_told_in_the_banks_own_terms_and_never_in_tokens(
    hub: HubWorld, desk: HubDesk, bank_a: Participant, bank: FileBank
) -> None:
    """An officer reads which of the bank's own accounts it is about; an account of another bank has no name here."""
    clear = desk.before_offer(LIN)
    told = desk.grounds(clear.signed)
    assert told is not None
    assert (told.verdict, told.grounds) == ("clear", ())
    police = hub.participant(Role.POLICE)
    notice(hub, police, "notice-000000001", LIN.accounts[0])
    told = desk.grounds(desk.before_offer(LIN).signed)
    assert told is not None
    assert told.verdict == "block"
    assert {(one.track, one.account, one.notice) for one in told.grounds} >= {
        ("warning", "********5678", "notice-000000001")
    }
    tokens = hub.member(hub.participant(Role.MEMBER)).tokens(
        [person_subject("TW", "SBLIN"), *map(account_subject, LIN.accounts)]
    )
    assert [token for token in tokens.values() if str(token) in str(told)] == []
    # A bank that has not reached the hub since its start says so, and calls nothing another bank's.
    started = HubDesk(hub.connection(bank_a), hub.member(bank_a), bank.customers)
    early = started.grounds(desk.before_offer(LIN).signed)
    assert early is not None
    assert "unresolved" in {one.account for one in early.grounds}
    # Where the hub said nothing there is nothing to tell.
    assert desk.grounds("") is None
