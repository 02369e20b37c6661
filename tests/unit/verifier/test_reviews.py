"""Reviews are settled by officers (decision 0043): who, how many, what they see, and what is signed and told."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from passport.keys import TokenType, verify_token
from service.database import Database
from service.officers import Officer, OfficerAccess
from tests.simulators.verifier_desk import TOKEN, Desk, Opened, policies_without_hub
from verifier.http.reviews import OfficersDoor

OFFICERS = {
    "tan": Officer("tan", "TAN Wei Ling", "p-1"),
    "ong": Officer("ong", "ONG Boon Huat", "p-2"),
    "ong-2": Officer("ong-2", "ONG Boon Huat", "p-2"),
}
DOOR = OfficersDoor(OFFICERS, OfficerAccess({name: f"token-of-{name}" for name in OFFICERS}))
OPEN = {"decision": "opened", "reason": "spouse_agreed", "note": "Called LIN, YU-CHEN; the spouse agreed."}
CLOSE = {"decision": "not_opened", "reason": "not_convinced"}
LARGE = 60_000_000


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, parts={"officers": DOOR})


async def in_review(desk: Desk, **more: Any) -> Opened:
    """An application that goes to a person: the account is joint."""
    opened = await desk.open(**more)
    assert (await opened.answer(desk.credentials(any_joint=True))).status_code == 200
    result = await opened.result()
    assert (result["status"], result["person_hears"]) == ("review", "in_review")
    return opened


async def call(desk: Desk, who: str, path: str = "", body: Any = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer token-of-{who}"}
    if body is None:
        return await desk.client.get(f"/v1/reviews{path}", headers=headers)
    return await desk.client.post(f"/v1/reviews{path}", json=body, headers=headers)


async def settle(desk: Desk, opened: Opened, who: str, body: dict[str, str]) -> httpx.Response:
    return await call(desk, who, f"/{opened.id}/settle", body)


def content_of(desk: Desk, record: str) -> Any:
    """What a record says, its signature checked."""
    return verify_token(record, kind=TokenType.DECISION, key=desk.signer.public_jwk).payload


async def test_an_officer_settles_a_review_with_a_reason_and_the_person_hears(desk: Desk) -> None:
    opened = await in_review(desk)
    answer = await settle(desk, opened, "tan", OPEN)
    assert (answer.status_code, answer.json()["state"]) == (200, "settled")
    views: list[Any] = [(await desk.api(f"/v1/applications/{opened.id}")).json(), await opened.result()]
    for said in views:
        assert (said["status"], said["person_hears"]) == ("review", "opened")
        assert said["settlement"]["decision"] == "opened"
    refused = await in_review(desk)
    assert (await settle(desk, refused, "tan", CLOSE)).json()["person_hears"] == "not_opened"


async def test_what_was_shown_is_there_until_settled_and_then_gone(desk: Desk) -> None:
    opened = await in_review(desk)
    for _ in range(2):
        seen = (await call(desk, "tan", f"/{opened.id}")).json()
        assert seen["disclosed"]["identity"]["name_latin"] == "LIN, YU-CHEN"
        assert "disclosed" in await opened.result()
    listed = (await call(desk, "tan")).json()["reviews"]
    assert [(one["application"], one["reasons"], one["can_be_opened"]) for one in listed] == [
        (opened.id, ["joint_account"], True)
    ]
    assert "LIN" not in str(listed)
    await settle(desk, opened, "tan", OPEN)
    assert "disclosed" not in (await call(desk, "tan", f"/{opened.id}")).json()
    assert "disclosed" not in await opened.result()
    assert (await call(desk, "tan")).json() == {"reviews": [], "more": False}


async def test_a_list_that_is_cut_says_so(desk: Desk) -> None:
    first, second = await in_review(desk), await in_review(desk)
    seen = (await call(desk, "tan", "?limit=1")).json()
    assert (len(seen["reviews"]), seen["more"]) == (1, True)
    assert {one["application"] for one in (await call(desk, "tan", "?limit=2")).json()["reviews"]} == {
        first.id,
        second.id,
    }


async def test_settlement_is_a_signed_record_that_extends_the_first_and_names_no_person(desk: Desk) -> None:
    opened = await in_review(desk)
    first = str((await opened.result())["decision_record"])
    settled = (await settle(desk, opened, "tan", OPEN)).json()
    assert settled["decision_record"] == first
    record = settled["settlement"]["decision_record"]
    payload = content_of(desk, record)
    before = content_of(desk, first)
    assert payload["settles"] == {"jti": before["jti"], "sha256": hashlib.sha256(first.encode()).hexdigest()}
    assert (payload["decision"], payload["outcome"], payload["application"]) == (
        "opened",
        "review",
        opened.id,
    )
    assert payload["reasons"] == before["reasons"]
    (said,) = payload["officers"]
    assert (said["officer"], said["person"], said["reason"]) == ("tan", "p-1", "spouse_agreed")
    assert said["note_sha256"] == hashlib.sha256(OPEN["note"].encode()).hexdigest()
    assert "YU-CHEN" not in str(payload)


async def test_settling_is_told_to_the_webhook_once(desk: Desk) -> None:
    opened = await in_review(desk)
    await asyncio.gather(*(settle(desk, opened, "tan", OPEN) for _ in range(4)))
    with desk.database.read() as session:
        rows = (
            session.connection()
            .exec_driver_sql("SELECT body FROM webhook_event ORDER BY seq")
            .scalars()
            .all()
        )
    assert ["application.decided" in rows[0], "application.settled" in rows[1], len(rows)] == [True, True, 2]
    assert '"person_hears":"opened"' in rows[1]
    assert "YU-CHEN" not in rows[1]


async def test_settling_again_is_the_same_answer_and_otherwise_a_conflict(desk: Desk) -> None:
    opened = await in_review(desk)
    first = await settle(desk, opened, "tan", OPEN)
    again = await settle(desk, opened, "tan", OPEN)
    assert (again.status_code, again.json()) == (200, first.json())
    for who, body in (("tan", CLOSE), ("ong", OPEN), ("ong", CLOSE)):
        late = await settle(desk, opened, who, body)
        assert (late.status_code, late.json()["error"]) == (409, "conflict")
    assert (await opened.result())["person_hears"] == "opened"


async def test_of_two_officers_who_disagree_at_once_one_settles(desk: Desk) -> None:
    opened = await in_review(desk)
    answers = await asyncio.gather(settle(desk, opened, "tan", OPEN), settle(desk, opened, "ong", CLOSE))
    assert sorted(one.status_code for one in answers) == [200, 409]
    acts = (await call(desk, "tan", "/acts")).json()["acts"]
    assert len(acts) == 1


async def test_what_did_not_go_to_a_person_is_not_settled(desk: Desk) -> None:
    verified, pending = await desk.open(), await desk.open()
    await verified.answer(desk.credentials())
    await verified.result()
    for opened in (verified, pending):
        answer = await settle(desk, opened, "tan", CLOSE)
        assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    unknown = await call(desk, "tan", "/app_unknown/settle", CLOSE)
    assert (unknown.status_code, unknown.json()["error"]) == (404, "not_found")


async def test_above_the_limit_two_people_open_and_one_pair_of_eyes_does_not(desk: Desk) -> None:
    opened = await in_review(desk, amount_usd_minor=LARGE)
    first = await settle(desk, opened, "ong", OPEN)
    assert (first.status_code, first.json()["state"]) == (202, "waiting")
    assert (await settle(desk, opened, "ong", OPEN)).json() == first.json()
    same = await settle(desk, opened, "ong-2", OPEN)
    assert (same.status_code, same.json()["error"]) == (401, "not_authorised")
    assert (await opened.result())["person_hears"] == "in_review"
    # The second person still sees what was shown.
    assert "disclosed" in (await call(desk, "tan", f"/{opened.id}")).json()
    second = await settle(desk, opened, "tan", OPEN)
    assert (second.status_code, second.json()["person_hears"]) == (200, "opened")
    record = second.json()["settlement"]["decision_record"]
    payload = content_of(desk, record)
    assert [one["officer"] for one in payload["officers"]] == ["ong", "tan"]


async def test_two_people_are_needed_exactly_above_the_limit(desk: Desk) -> None:
    at, above = (
        await in_review(desk, amount_usd_minor=50_000_000),
        await in_review(desk, amount_usd_minor=50_000_001),
    )
    assert (await settle(desk, at, "tan", OPEN)).status_code == 200
    assert (await settle(desk, above, "tan", OPEN)).status_code == 202


async def test_a_second_officer_who_does_not_agree_ends_it(desk: Desk) -> None:
    opened = await in_review(desk, amount_usd_minor=LARGE)
    await settle(desk, opened, "ong", OPEN)
    assert (await settle(desk, opened, "tan", CLOSE)).json()["person_hears"] == "not_opened"


@pytest.mark.parametrize(("status", "error"), [(1, "revoked"), (2, "suspended")])
async def test_what_was_taken_back_meanwhile_is_not_opened(desk: Desk, status: int, error: str) -> None:
    opened = await in_review(desk)
    desk.bank.publish(dict.fromkeys(range(desk.bank.next_index), status))
    desk.follow()
    answer = await settle(desk, opened, "tan", OPEN)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert (await opened.result())["person_hears"] == "in_review"
    assert (await settle(desk, opened, "tan", CLOSE)).json()["person_hears"] == "not_opened"


def steal_keys(desk: Desk) -> None:
    for name, key in desk.ledger.keys.items():
        desk.ledger.keys[name] = replace(key, stolen_since=key.valid_from)


@pytest.mark.parametrize(
    ("meanwhile", "error"),
    [
        (lambda desk: desk.ledger.change_grants(desk.bank.did.address, suspended=True), "issuer_suspended"),
        (
            lambda desk: desk.ledger.change_grants(
                desk.bank.did.address, withdrawn_from=desk.clock.now() - timedelta(days=2)
            ),
            "issuer_not_accredited",
        ),
        (steal_keys, "issuer_key_stolen"),
    ],
)
async def test_what_a_bank_said_that_stands_no_more_is_not_opened(
    desk: Desk, meanwhile: Callable[[Desk], None], error: str
) -> None:
    opened = await in_review(desk)
    meanwhile(desk)
    answer = await settle(desk, opened, "tan", OPEN)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert (await call(desk, "tan", "/acts")).json()["acts"] == []
    assert (await settle(desk, opened, "tan", CLOSE)).json()["person_hears"] == "not_opened"


async def test_a_second_officer_opens_nothing_of_a_bank_suspended_after_the_first_agreed(desk: Desk) -> None:
    opened = await in_review(desk, amount_usd_minor=LARGE)
    assert (await settle(desk, opened, "ong", OPEN)).status_code == 202
    desk.ledger.change_grants(desk.bank.did.address, suspended=True)
    assert (await settle(desk, opened, "tan", OPEN)).json()["error"] == "issuer_suspended"
    # The guardian takes the suspension back: then it opens.
    desk.ledger.change_grants(desk.bank.did.address)
    assert (await settle(desk, opened, "tan", OPEN)).json()["person_hears"] == "opened"


async def test_a_later_lapse_and_a_suspended_grant_of_another_time_stop_nobody(desk: Desk) -> None:
    opened = await in_review(desk)
    before = desk.ledger.grant_list
    now = desk.clock.now()
    desk.ledger.grant_list = [replace(one, valid_until=now + timedelta(seconds=1)) for one in before] + [
        replace(one, number=one.number + 50, suspended=True) for one in before
    ]
    desk.clock.advance(timedelta(seconds=2))
    assert (await settle(desk, opened, "tan", OPEN)).json()["person_hears"] == "opened"


async def test_an_anchor_that_the_chain_took_back_opens_nothing(desk: Desk) -> None:
    opened = await in_review(desk)
    desk.ledger.anchors.clear()
    answer = await settle(desk, opened, "tan", OPEN)
    assert (answer.status_code, answer.json()["error"]) == (503, "anchor_pending")


async def test_a_chain_that_does_not_answer_opens_nothing(desk: Desk) -> None:
    opened = await in_review(desk)
    desk.ledger.go_down()
    desk.clock.advance(timedelta(minutes=1))
    answer = await settle(desk, opened, "tan", OPEN)
    assert (answer.status_code, answer.json()["error"]) == (503, "status_unavailable")
    assert (await call(desk, "tan", "/acts")).json()["acts"] == []


async def test_nobody_opens_what_they_cannot_see(desk: Desk) -> None:
    opened = await in_review(desk)
    desk.clock.advance(timedelta(days=7))
    desk.assembled.rounds["housekeeping"]()
    desk.bank.publish()
    desk.follow()
    (listed,) = (await call(desk, "tan")).json()["reviews"]
    assert listed["can_be_opened"] is False
    answer = await settle(desk, opened, "tan", OPEN)
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    assert "nothing left to see" in answer.json()["error_description"]
    assert (await settle(desk, opened, "tan", CLOSE)).status_code == 200


@pytest.mark.parametrize("token", [TOKEN, "token-of-nobody", "", "token-of-tan "])
async def test_neither_the_banks_system_nor_a_result_id_settles(desk: Desk, token: str) -> None:
    opened = await in_review(desk)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for path in ("", "/acts", f"/{opened.id}"):
        assert (await desk.client.get(f"/v1/reviews{path}", headers=headers)).status_code == 401
    answer = await desk.client.post(f"/v1/reviews/{opened.id}/settle", json=OPEN, headers=headers)
    assert answer.status_code == 401
    assert (await opened.result())["person_hears"] == "in_review"


@pytest.mark.parametrize(
    "spoilt",
    [
        {"reason": None},
        {"reason": ""},
        {"reason": "   "},
        {"reason": "\u200b"},
        {"reason": "\u3164\u3164"},
        {"reason": "\u2800"},
        {"reason": "x" * 65},
        {"note": "x" * 501},
        {"note": "a\u0000b"},
        {"decision": "in_review"},
        {"officer": "ong"},
    ],
)
async def test_no_settlement_without_a_decision_and_a_reason_of_bounded_plain_text(
    desk: Desk, spoilt: dict[str, str | None]
) -> None:
    opened = await in_review(desk)
    body = {key: value for key, value in (OPEN | spoilt).items() if value is not None}
    assert (await settle(desk, opened, "tan", body)).status_code == 400
    assert (await opened.result())["person_hears"] == "in_review"


async def test_what_officers_said_is_a_record_that_is_never_changed(desk: Desk) -> None:
    opened = await in_review(desk, amount_usd_minor=LARGE)
    await settle(desk, opened, "ong", OPEN)
    await settle(desk, opened, "tan", CLOSE)
    acts = (await call(desk, "tan", "/acts")).json()["acts"]
    assert [(one["officer"], one["person"], one["decision"], one["reason"], one["note"]) for one in acts] == [
        ("ong", "p-2", "opened", "spouse_agreed", OPEN["note"]),
        ("tan", "p-1", "not_opened", "not_convinced", ""),
    ]
    assert (await call(desk, "tan", f"/acts?after={acts[0]['number']}")).json()["acts"] == acts[1:]
    with sqlite3.connect(desk.database.url.removeprefix("sqlite:///")) as database:
        for spoiling in ("UPDATE review_vote SET officer = 'x'", "DELETE FROM review_vote"):
            with pytest.raises(sqlite3.IntegrityError, match="not changed"):
                database.execute(spoiling)


async def test_follow_up_goes_on_after_settling(desk: Desk) -> None:
    opened = await in_review(desk)
    await settle(desk, opened, "tan", OPEN)
    assert (await desk.api(f"/v1/applications/{opened.id}/follow-up")).json()["status"] == "valid"
    desk.bank.publish(dict.fromkeys(range(desk.bank.next_index), 2))
    desk.follow()
    assert (await desk.api(f"/v1/applications/{opened.id}/follow-up")).json()["status"] == "suspended"


async def test_a_settlement_survives_a_restart_and_a_policy_that_is_gone_takes_two(desk: Desk) -> None:
    settled, waiting = await in_review(desk), await in_review(desk)
    await settle(desk, settled, "tan", OPEN)
    known = policies_without_hub()["account-opening"]
    other = replace(known, policy=known.policy.model_copy(update={"name": "another"}))
    desk.parts = {"officers": DOOR, "policies": {"another": other}}
    desk.restart()
    desk.follow()
    assert (await settled.result())["person_hears"] == "opened"
    assert (await settle(desk, waiting, "tan", OPEN)).status_code == 202
