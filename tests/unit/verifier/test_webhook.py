"""Decisions are told at least once, signed, in order, and never twice under different names (fault F28, F29)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from outbound import HttpClient
from passport import strict_json
from passport.errors import PassportError, Reason, Unavailable
from service.database import Database
from tests.simulators.verifier_desk import Desk
from verifier.assembly import Webhook
from verifier.remote.webhook import WebhookReceiver
from verifier.storage.tables import WebhookEventRow
from verifier.use_cases.deliver_events import MAX_ATTEMPTS

SECRET = b"a secret that two sides share"


@dataclass
class ReceiverInMemory:
    down: bool = False
    heard: list[tuple[bytes, Mapping[str, str]]] = field(default_factory=list)

    def post(self, body: bytes, headers: Mapping[str, str]) -> None:
        self.heard.append((body, headers))
        if self.down:
            raise Unavailable(Reason.UPSTREAM_UNAVAILABLE, "no answer")


@pytest.fixture
def receiver() -> ReceiverInMemory:
    return ReceiverInMemory()


@pytest.fixture
def desk(database: Database, receiver: ReceiverInMemory) -> Desk:
    return Desk(database, parts={"webhook": Webhook(receiver, SECRET)})


async def decide(desk: Desk) -> Any:
    opened = await desk.open(reference="case 7")
    await opened.answer()
    return await opened.result()


def read(body: bytes) -> Any:
    return strict_json.loads(body)


async def test_event_is_signed_and_told_once(desk: Desk, receiver: ReceiverInMemory) -> None:
    result = await decide(desk)
    desk.assembled.rounds["webhook"]()
    desk.assembled.rounds["webhook"]()
    [(body, headers)] = receiver.heard
    event = read(body)
    assert (event["status"], event["reference"], event["person_hears"]) == ("verified", "case 7", "opened")
    assert event["decision_record"] == result["decision_record"]
    assert "LIN" not in body.decode()
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-id"] == event["id"]


async def test_event_is_told_again_until_it_is_heard(desk: Desk, receiver: ReceiverInMemory) -> None:
    await decide(desk)
    receiver.down = True
    desk.assembled.rounds["webhook"]()
    desk.assembled.rounds["webhook"]()
    assert len(receiver.heard) == 1
    receiver.down = False
    desk.clock.advance(timedelta(seconds=2))
    desk.assembled.rounds["webhook"]()
    desk.clock.advance(timedelta(days=1))
    desk.assembled.rounds["webhook"]()
    assert len(receiver.heard) == 2
    assert receiver.heard[0][0] == receiver.heard[1][0]


async def test_events_are_numbered_in_order(desk: Desk, receiver: ReceiverInMemory) -> None:
    for _ in range(3):
        await decide(desk)
    desk.assembled.rounds["webhook"]()
    assert [read(body)["seq"] for body, _ in receiver.heard] == [1, 2, 3]


async def test_receiver_that_never_hears_is_given_up(desk: Desk, receiver: ReceiverInMemory) -> None:
    await decide(desk)
    receiver.down = True
    for _ in range(MAX_ATTEMPTS + 3):
        desk.assembled.rounds["webhook"]()
        desk.clock.advance(timedelta(hours=7))
    assert len(receiver.heard) == MAX_ATTEMPTS


def kept(database: Database) -> list[tuple[int, str]]:
    with database.read() as session:
        return [(row.seq or 0, row.body) for row in session.exec(select(WebhookEventRow)).all()]


async def test_delivered_events_leave_after_a_day_and_what_they_said_at_once(
    desk: Desk, database: Database, receiver: ReceiverInMemory
) -> None:
    for _ in range(3):
        await decide(desk)
    desk.assembled.rounds["webhook"]()
    assert kept(database) == [(1, ""), (2, ""), (3, "")]
    desk.clock.advance(timedelta(hours=23))
    desk.assembled.rounds["forget"]()
    assert len(kept(database)) == 3
    desk.clock.advance(timedelta(hours=1))
    desk.assembled.rounds["forget"]()
    # The newest stays, so that its number is given to no other.
    assert kept(database) == [(3, "")]
    await decide(desk)
    desk.assembled.rounds["webhook"]()
    assert [read(body)["seq"] for body, _ in receiver.heard] == [1, 2, 3, 4]


async def test_dead_events_stay_for_an_operator_for_thirty_days(
    desk: Desk, database: Database, receiver: ReceiverInMemory
) -> None:
    receiver.down = True
    for _ in range(2):
        await decide(desk)
    for _ in range(MAX_ATTEMPTS):
        desk.assembled.rounds["webhook"]()
        desk.clock.advance(timedelta(hours=7))
    desk.clock.advance(timedelta(days=26))
    desk.assembled.rounds["forget"]()
    assert [number for number, body in kept(database) if body] == [1, 2]
    desk.clock.advance(timedelta(days=1))
    desk.assembled.rounds["forget"]()
    assert [number for number, _ in kept(database)] == [2]


async def test_without_a_webhook_events_do_not_pile_up_for_ever(database: Database) -> None:
    desk = Desk(database)
    for _ in range(2):
        await decide(desk)
    desk.clock.advance(timedelta(days=30))
    desk.assembled.rounds["forget"]()
    assert [number for number, _ in kept(database)] == [2]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/hook", "http://169.254.169.254/", "https://[::1]/hook"])
def test_address_that_leads_inside_is_refused(url: str) -> None:
    with HttpClient() as http, pytest.raises(PassportError, match="expected"):
        WebhookReceiver(http, url).post(b"{}", {})
