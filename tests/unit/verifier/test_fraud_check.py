"""Step 2: what each verdict, and each silence, means (design section 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from outbound import AskAgain
from passport.clock import to_epoch
from passport.errors import Reason, Unavailable
from passport.fraud import Verdict, VerdictClass
from passport.identifiers import DidEthr
from passport.jose import b64u_encode
from passport.registry import Role
from service.database import Database
from tests.simulators.verifier_desk import Desk, Opened
from tests.simulators.verifier_world import IDENTITY_PATHS, START, new_did
from verifier.evidence import AuthenticCredential, AuthenticPresentation
from verifier.policies import read_policies
from verifier.use_cases.ask_fraud_check import HubAnswer


@dataclass
class HubInMemory:
    """A hub that says what it is told to say, and remembers what it was asked."""

    did: DidEthr = field(default_factory=new_did)
    says: VerdictClass | None = VerdictClass.CLEAR
    signed: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def question(self, presentation: AuthenticPresentation, credential: AuthenticCredential) -> str:
        assert "~" not in credential.issuer_jwt
        self.signed.append(f"{presentation.application.id}/{credential.query_id}/{len(self.signed)}")
        return self.signed[-1]

    def ask(self, signed_question: str) -> HubAnswer:
        self.asked.append(signed_question)
        if self.says is None:
            raise Unavailable(Reason.FRAUD_UNKNOWN, "the hub gave no verdict")
        now = to_epoch(START)
        verdict = Verdict.read(
            {
                "iss": str(self.did),
                "aud": str(self.did),
                "iat": now,
                "exp": now + int(timedelta(minutes=5).total_seconds()),
                "jti": "v" * 22,
                "question": b64u_encode(bytes(32)),
                "purpose": "account-opening",
                "nonce": "n" * 43,
                "class": self.says.value,
                "as_of": now,
                "rule": "2026-01",
                "depth": 3,
                "truncated": False,
            }
        )
        return HubAnswer(verdict, "signed.verdict.text")


@pytest.fixture
def hub() -> HubInMemory:
    return HubInMemory()


@pytest.fixture
def desk(database: Database, hub: HubInMemory) -> Desk:
    made = Desk(database, parts={"hub": hub})
    made.ledger.accredit(hub.did.address, Role.HUB)
    return made


@dataclass
class Seconds:
    """A monotonic clock on which sleeping is all that takes time."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class RestartingHub(HubInMemory):
    """A hub that is away until a second of the clock, as its client tells it."""

    seconds: Seconds = field(default_factory=Seconds)
    back_at: float = 2.5

    def ask(self, signed_question: str) -> HubAnswer:
        if self.seconds.now < self.back_at:
            self.asked.append(signed_question)
            refused = Unavailable(Reason.UPSTREAM_UNAVAILABLE, "not reached")
            raise Unavailable(Reason.FRAUD_UNKNOWN, "the hub gave no verdict") from refused
        return super().ask(signed_question)


def desk_at(database: Database, hub: RestartingHub) -> Desk:
    again = AskAgain(clock=hub.seconds, sleep=hub.seconds.sleep)
    made = Desk(database, parts={"hub": hub, "again": again})
    made.ledger.accredit(hub.did.address, Role.HUB)
    return made


async def test_a_hub_that_restarts_sends_nobody_to_a_person(database: Database) -> None:
    hub = RestartingHub()
    desk = desk_at(database, hub)
    opened = await desk.open()
    await opened.answer(desk.credentials(hub=hub.did))
    assert await outcome(opened) == ("verified", [])
    assert len(set(hub.asked)) == 1  # the same signed question, again and again
    assert sum(hub.seconds.slept) == pytest.approx(2.6, abs=0.2)


async def test_an_outage_is_waited_for_once_and_not_by_everybody(database: Database) -> None:
    hub = RestartingHub(back_at=3600)
    desk = desk_at(database, hub)
    for _ in range(3):
        opened = await desk.open()
        await opened.answer(desk.credentials(hub=hub.did))
        assert await outcome(opened) == ("review", ["fraud_unknown"])
    assert sum(hub.seconds.slept) <= 4.0
    hub.seconds.now, hub.seconds.slept = 3600, []
    opened = await desk.open()
    await opened.answer(desk.credentials(hub=hub.did))
    assert await outcome(opened) == ("verified", [])
    # Away anew, it is waited for anew.
    hub.back_at = hub.seconds.now + 1.0
    opened = await desk.open()
    await opened.answer(desk.credentials(hub=hub.did))
    assert await outcome(opened) == ("verified", [])


async def outcome(opened: Opened) -> tuple[object, object]:
    result = await opened.result()
    return result["status"], result["reasons"]


@pytest.mark.parametrize(
    ("says", "status", "reasons"),
    [
        (VerdictClass.CLEAR, "verified", []),
        (VerdictClass.BLOCK, "refused", ["fraud_block"]),
        (VerdictClass.REVIEW, "review", ["fraud_review"]),
        (VerdictClass.UNKNOWN, "review", ["fraud_unknown"]),
        (None, "review", ["fraud_unknown"]),
    ],
)
async def test_verdict(
    desk: Desk, hub: HubInMemory, says: VerdictClass | None, status: str, reasons: list[str]
) -> None:
    hub.says = says
    opened = await desk.open()
    answer = await opened.answer(desk.credentials(hub=hub.did))
    assert (answer.status_code, answer.json()) == (200, {})
    assert await outcome(opened) == (status, reasons)
    assert len(hub.asked) == 1


async def test_block_ends_the_run_before_standing(desk: Desk, hub: HubInMemory) -> None:
    hub.says = VerdictClass.BLOCK
    opened = await desk.open()
    await opened.answer(desk.credentials(hub=hub.did))
    result: Any = await opened.result()
    assert [step["step"] for step in result["steps"]] == ["envelope", "fraud_check"]
    assert result["steps"][1]["facts"]["verdicts"][0]["verdict"] == "signed.verdict.text"


async def test_wallet_hears_the_same_whatever_the_hub_says(desk: Desk, hub: HubInMemory) -> None:
    heard = set()
    for says in (*VerdictClass, None):
        hub.says = says
        opened = await desk.open()
        answer = await opened.answer(desk.credentials(hub=hub.did))
        names = frozenset(answer.headers.items())
        heard.add((answer.status_code, answer.content, names))
    assert len(heard) == 1


async def test_hub_is_not_asked_before_the_envelope_is_good(desk: Desk, hub: HubInMemory) -> None:
    opened = await desk.open()
    await opened.answer(desk.credentials(hub=hub.did), nonce="n" * 43)
    assert hub.signed == []


async def test_proof_without_a_handle_cannot_be_asked_about(desk: Desk, hub: HubInMemory) -> None:
    opened = await desk.open()
    await opened.answer()
    assert await outcome(opened) == ("review", ["fraud_unknown"])
    assert hub.asked == []


async def test_handle_of_another_credential_does_not_speak_for_a_proof_without_one(
    desk: Desk, hub: HubInMemory
) -> None:
    """A clean handle beside the proof, in the identity, is about other accounts."""
    opened = await desk.open()
    clean = {"hub": str(hub.did), "handle": "A" * 22}
    identity = desk.bank.identity(desk.holder.signer, fraud=clean)
    funds = desk.credentials()["proof_of_funds"]
    await opened.answer({"identity": (identity, IDENTITY_PATHS), "proof_of_funds": funds})
    assert await outcome(opened) == ("review", ["fraud_unknown"])


async def test_handle_at_another_hub_cannot_be_asked_about(desk: Desk, hub: HubInMemory) -> None:
    opened = await desk.open()
    await opened.answer(desk.credentials(hub=new_did()))
    assert await outcome(opened) == ("review", ["fraud_unknown"])
    assert hub.asked == []


async def test_same_question_is_asked_again_after_a_crash(
    desk: Desk, hub: HubInMemory, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = await desk.open()
    body = await opened.body(desk.credentials(hub=hub.did))
    ask: Callable[[str], HubAnswer] = hub.ask

    def crash(question: str) -> HubAnswer:
        ask(question)
        raise ZeroDivisionError

    monkeypatch.setattr(hub, "ask", crash)
    await opened.post(body)
    assert (await opened.result(wait=0.2))["status"] == "pending"
    monkeypatch.setattr(hub, "ask", ask)
    desk.assembled.rounds["housekeeping"]()
    assert await outcome(opened) == ("verified", [])
    assert len(hub.signed) == 1
    assert hub.asked == [hub.signed[0], hub.signed[0]]


async def test_question_is_gone_when_settled(desk: Desk, hub: HubInMemory) -> None:
    opened = await desk.open()
    await opened.answer(desk.credentials(hub=hub.did))
    await opened.result()
    with desk.database.read() as session:
        kept = session.connection().exec_driver_sql("SELECT count(*) FROM fraud_question").scalar_one()
    assert (len(hub.signed), kept) == (1, 0)


@pytest.mark.parametrize("change", [{"suspended": True}, {"withdrawn_from": START}])
async def test_hub_that_the_ledger_does_not_accredit_is_not_asked(
    desk: Desk, hub: HubInMemory, change: dict[str, Any]
) -> None:
    desk.ledger.change_grants(hub.did.address, **change)
    opened = await desk.open()
    await opened.answer(desk.credentials(hub=hub.did))
    assert await outcome(opened) == ("review", ["fraud_unknown"])
    assert hub.signed == []


async def test_verdict_is_in_the_record(desk: Desk, hub: HubInMemory) -> None:
    opened = await desk.open()
    await opened.answer(desk.credentials(hub=hub.did))
    result: Any = await opened.result()
    verdict = result["steps"][1]["facts"]["verdicts"][0]
    assert verdict["class"] == "clear"
    assert verdict["verdict"] == "signed.verdict.text"


async def test_world_without_a_hub_is_could_not_tell_where_one_is_required(database: Database) -> None:
    desk = Desk(database, parts={"policies": read_policies()})
    opened = await desk.open()
    await opened.answer()
    assert await outcome(opened) == ("review", ["fraud_unknown"])
