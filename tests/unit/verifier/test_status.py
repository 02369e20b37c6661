"""Status from followed lists: fail closed, never rolled back, and seen in the follow-up (threat T24)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from passport.registry import ParticipantKey
from passport.status import StatusValue, list_id_of
from tests.simulators.verifier_desk import Desk, Opened
from tests.simulators.verifier_world import (
    LIST_SIZE,
    START,
    BankInMemory,
    FilesInMemory,
    new_did,
    new_signer,
)

IDENTITY, FUNDS = 0, 1
"""The places that the bank gave to the two credentials, in the order of their making."""


async def outcome(opened: Opened) -> tuple[object, object]:
    result = await opened.result()
    return result["status"], result["reasons"]


@pytest.mark.parametrize("index", [IDENTITY, FUNDS])
@pytest.mark.parametrize(
    ("value", "reason"),
    [(StatusValue.REVOKED, "revoked"), (StatusValue.SUSPENDED, "suspended"), (3, "status_invalid")],
)
async def test_status_taken_away(desk: Desk, index: int, value: int, reason: str) -> None:
    opened = await desk.open()
    desk.bank.publish({index: value})
    await opened.answer()
    assert await outcome(opened) == ("refused", [reason])


async def test_suspension_lifted(desk: Desk) -> None:
    opened = await desk.open()
    desk.bank.publish({FUNDS: StatusValue.SUSPENDED})
    desk.follow()
    desk.bank.publish({FUNDS: StatusValue.VALID})
    await opened.answer()
    assert await outcome(opened) == ("verified", [])


async def test_index_outside_the_list(desk: Desk) -> None:
    opened = await desk.open()
    desk.bank.next_index = LIST_SIZE
    await opened.answer()
    assert await outcome(opened) == ("refused", ["status_invalid"])


async def test_list_that_was_never_published(desk: Desk) -> None:
    opened = await desk.open()
    elsewhere = {"status_list": {"idx": 0, "uri": f"{desk.bank.base_url}/status/7"}}
    await opened.answer(desk.credentials(status=elsewhere))
    assert await outcome(opened) == ("review", ["status_unavailable"])


async def test_newest_version_cannot_be_fetched(desk: Desk) -> None:
    opened = await desk.open()
    desk.bank.publish(serve=False)
    desk.files.files.pop(desk.bank.list_uri)
    await opened.answer()
    assert await outcome(opened) == ("review", ["status_unavailable"])


async def test_old_list_served_again_is_rolled_back(desk: Desk) -> None:
    opened = await desk.open()
    desk.bank.publish({FUNDS: StatusValue.SUSPENDED}, serve=False)
    await opened.answer()
    assert await outcome(opened) == ("review", ["status_rolled_back"])


async def test_what_an_older_list_revoked_stays_revoked(desk: Desk) -> None:
    opened = await desk.open()
    desk.bank.publish({FUNDS: StatusValue.REVOKED})
    desk.follow()
    desk.bank.publish(serve=False)
    await opened.answer()
    assert await outcome(opened) == ("refused", ["revoked"])


async def test_content_that_was_not_published(desk: Desk) -> None:
    """A bank serves under the ledger's version something else than it committed to."""
    opened = await desk.open()
    desk.bank.publish({FUNDS: StatusValue.SUSPENDED}, serve=False)
    desk.bank.statuses = desk.bank.statuses.changed({FUNDS: StatusValue.VALID})
    desk.bank.serve_list()
    await opened.answer()
    assert await outcome(opened) == ("review", ["status_invalid"])


async def test_list_signed_by_another_key(desk: Desk) -> None:
    opened = await desk.open()
    desk.bank.publish(serve=False)
    desk.bank.serve_list(signer=new_signer())
    await opened.answer()
    assert await outcome(opened) == ("review", ["status_invalid"])


async def test_list_signed_by_another_bank(desk: Desk) -> None:
    other = BankInMemory(desk.clock, desk.ledger, desk.consortium, base_url="https://bank-b.example")
    other.join()
    # Even where the ledger has the other's key for this bank, too: the certificate names somebody else.
    thumbprint = other.signer.public_jwk.thumbprint()
    desk.ledger.keys[desk.bank.did.address, thumbprint] = ParticipantKey(
        thumbprint, START - timedelta(days=1)
    )
    opened = await desk.open()
    desk.bank.publish(serve=False)
    honest = desk.bank.leaf
    desk.bank.leaf = other.leaf
    desk.bank.serve_list(signer=other.signer)
    desk.follow()
    desk.bank.leaf = honest
    await opened.answer()
    assert await outcome(opened) == ("review", ["status_invalid"])


async def test_list_signed_by_a_key_that_was_stolen(desk: Desk) -> None:
    opened = await desk.open()
    credentials = desk.credentials()
    desk.anchor()
    thumbprint = desk.bank.signer.public_jwk.thumbprint()
    desk.clock.advance(timedelta(minutes=1))
    desk.ledger.keys[desk.bank.did.address, thumbprint] = ParticipantKey(
        thumbprint, START - timedelta(days=30), stolen_since=START + timedelta(seconds=30)
    )
    desk.bank.publish({FUNDS: StatusValue.VALID})
    await opened.post(await opened.body(credentials))
    assert await outcome(opened) == ("review", ["status_invalid"])


async def test_list_of_another_address(desk: Desk) -> None:
    opened = await desk.open()
    desk.bank.publish(serve=False)
    desk.bank.serve_list(uri=f"{desk.bank.base_url}/status/2")
    await opened.answer()
    assert await outcome(opened) == ("review", ["status_invalid"])


async def test_list_past_its_freshness(desk: Desk) -> None:
    desk.clock.advance(timedelta(days=6))
    opened = await desk.open()
    await opened.answer()
    assert await outcome(opened) == ("review", ["status_stale"])


async def test_newer_list_may_take_away(desk: Desk) -> None:
    """The ledger is down for the bank: what takes away is served at once, before it is published."""
    opened = await desk.open()
    credentials = desk.credentials()
    desk.anchor()
    desk.bank.publish({FUNDS: StatusValue.SUSPENDED}, on_ledger=False)
    desk.clock.advance(timedelta(minutes=5))
    await opened.post(await opened.body(credentials))
    assert await outcome(opened) == ("refused", ["suspended"])


async def test_newer_list_never_restores(desk: Desk) -> None:
    opened = await desk.open()
    desk.bank.publish({FUNDS: StatusValue.SUSPENDED})
    credentials = desk.credentials()
    desk.anchor()
    desk.bank.publish({FUNDS: StatusValue.VALID}, on_ledger=False)
    desk.clock.advance(timedelta(minutes=5))
    await opened.post(await opened.body(credentials))
    assert await outcome(opened) == ("refused", ["suspended"])


async def test_status_age_and_version_are_in_the_record(desk: Desk) -> None:
    opened = await desk.open()
    await opened.answer()
    result = await opened.result()
    steps: Any = result["steps"]
    facts = steps[2]["facts"]
    assert facts["ledger"]["number"] == desk.ledger.number
    assert [each["status"]["version"] for each in facts["credentials"]] == [1, 1]
    assert [each["status"]["age_seconds"] for each in facts["credentials"]] == [0, 0]
    assert "idx" not in str(facts)


async def test_refusal_shows_block_and_version_too(desk: Desk) -> None:
    opened = await desk.open()
    desk.bank.publish({FUNDS: StatusValue.SUSPENDED})
    await opened.answer()
    result: Any = await opened.result()
    facts = result["steps"][-1]["facts"]
    assert facts["ledger"]["number"] == desk.ledger.number
    assert facts["credentials"][1]["status"]["version"] == 2
    assert facts["credentials"][1]["anchor"]["block"]["number"] <= desk.ledger.number


async def follow_up(desk: Desk, opened: Opened) -> Any:
    answer = await desk.api(f"/v1/applications/{opened.id}/follow-up")
    assert answer.status_code == 200
    return answer.json()


async def test_follow_up_shows_suspension_and_its_end(desk: Desk) -> None:
    opened = await desk.open()
    await opened.answer()
    assert (await opened.result())["status"] == "verified"
    assert (await follow_up(desk, opened))["status"] == "valid"
    desk.bank.publish({FUNDS: StatusValue.SUSPENDED})
    desk.follow()
    shown = await follow_up(desk, opened)
    assert shown["status"] == "suspended"
    assert {each["query"]: each["status"] for each in shown["credentials"]} == {
        "identity": "valid",
        "proof_of_funds": "suspended",
    }
    desk.bank.publish({FUNDS: StatusValue.VALID})
    desk.follow()
    assert (await follow_up(desk, opened))["status"] == "valid"
    desk.bank.publish({FUNDS: StatusValue.REVOKED})
    desk.follow()
    assert (await follow_up(desk, opened))["status"] == "revoked"


async def test_follow_up_with_the_chain_down_is_never_a_cached_yes(desk: Desk) -> None:
    opened = await desk.open()
    await opened.answer()
    await opened.result()
    desk.ledger.go_down()
    desk.clock.advance(timedelta(seconds=10))
    shown = await follow_up(desk, opened)
    assert shown["status"] == "unknown"
    assert shown["credentials"][0]["reasons"] == ["ledger_unavailable"]


async def test_follow_up_of_a_refused_application_follows_nothing(desk: Desk) -> None:
    opened = await desk.open()
    await opened.answer(nonce="n" * 43)
    shown = await follow_up(desk, opened)
    assert (shown["status"], shown["credentials"]) == ("none", [])


async def test_issuer_that_lost_its_licence_can_still_revoke(desk: Desk) -> None:
    opened = await desk.open()
    await opened.answer()
    await opened.result()
    desk.ledger.change_grants(desk.bank.did.address, withdrawn_from=desk.clock.now())
    desk.bank.publish({FUNDS: StatusValue.REVOKED})
    desk.follow()
    assert (await follow_up(desk, opened))["status"] == "revoked"


async def test_bank_that_publishes_under_the_address_of_another_banks_list_changes_nothing(
    desk: Desk,
) -> None:
    """Anybody may publish for any address; it is accredited, comes first, and cannot sign what is served there."""
    opened = await desk.open()
    rival = replace(desk.bank, did=new_did(), signer=new_signer(), files=FilesInMemory())
    rival.join()
    mine = desk.ledger.statuses.pop((desk.bank.did.address, list_id_of(desk.bank.list_uri)))
    desk.restart()
    desk.follow()
    desk.ledger.statuses[mine.issuer, mine.list_id] = mine
    desk.follow()
    await opened.answer()
    assert await outcome(opened) == ("verified", [])
