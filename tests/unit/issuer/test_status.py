"""Status lists: publish, then serve, then acknowledge; with the ledger down only what takes away."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

import pytest

from passport.jose import PrivateKeySigner
from passport.sd_jwt import parse
from passport.status import StatusReference, StatusValue, VerifiedStatusList, verify_status_list
from passport.strict_json import as_object, loads
from service import faults
from service.profile import Profile

World = Any
URI = "http://127.0.0.1:8443/status/1"


async def served(world: World) -> VerifiedStatusList:
    answer = await world.client.get("/status/1")
    assert answer.headers["content-type"] == "application/statuslist+jwt"
    key = PrivateKeySigner.from_pem(world.settings.signing_key.read_bytes()).public_jwk
    return verify_status_list(answer.text, key=key, uri=URI, now=world.clock.now())


def index_of(text: str) -> int:
    claims = as_object(loads(parse(text).issuer_jwt.unverified_payload))
    return StatusReference.from_claims(claims).index


async def issued(world: World, customer: str = "lin", *credentials: str) -> list[int]:
    made = await world.offer(customer, *credentials)
    texts = await world.wallet().accept(made["offer"], made["tx_code"], *credentials)
    return [index_of(one) for one in texts]


async def test_first_version_is_published_and_served_at_start(world: World) -> None:
    listed = await served(world)
    assert listed.version == 1
    assert len(listed.statuses) == 1 << 20
    assert [one.commitment for one in world.ledger.statuses] == [listed.commitment]
    assert (listed.expires_at - listed.issued_at, listed.lifetime) == (
        timedelta(hours=24),
        timedelta(seconds=300),
    )


async def test_revoking_is_published_served_and_then_acknowledged(world: World) -> None:
    indexes = await issued(world)
    answer = await world.revoke(customer="lin")
    assert answer.json()["revoked"] == 5
    listed = await served(world)
    assert {listed.get(one) for one in indexes} == {StatusValue.REVOKED}
    assert world.ledger.statuses[-1].commitment == listed.commitment
    assert world.ledger.statuses[-1].version == listed.version == 2


async def test_one_credential_is_revoked_by_its_id(world: World) -> None:
    indexes = await issued(world)
    found = await world.client.get(
        "/v1/operator/credentials?customer=lin",
        headers={"Authorization": "Bearer operator-token-of-the-tests"},
    )
    chosen = found.json()["credentials"][2]
    await world.revoke(credential_id=chosen["credential_id"])
    listed = await served(world)
    assert [one for one in indexes if listed.get(one) is StatusValue.REVOKED] == [chosen["status_index"]]


async def test_suspended_is_lifted_and_revoked_never_is(world: World) -> None:
    indexes = await issued(world)
    assert (await world.suspend("lin")).json() == {"suspended": 5}
    assert {(await served(world)).get(one) for one in indexes} == {StatusValue.SUSPENDED}
    assert (await world.reinstate("lin")).json() == {"reinstated": 5}
    assert {(await served(world)).get(one) for one in indexes} == {StatusValue.VALID}
    await world.suspend("lin")
    await world.revoke(customer="lin")
    assert (await world.reinstate("lin")).json() == {"reinstated": 0}
    assert {(await served(world)).get(one) for one in indexes} == {StatusValue.REVOKED}


async def test_a_version_that_was_followed_by_another_keeps_none_of_its_entries(world: World) -> None:
    """Each version repeats the one before: kept, they would grow as the square of the changes."""
    await issued(world)
    await world.suspend("lin")
    assert (await world.reinstate("lin")).status_code == 200
    await world.suspend("lin")
    with sqlite3.connect(world.settings.state_dir / "issuer.sqlite") as database:
        rows = database.execute("SELECT version, entries, token <> '' FROM status_version ORDER BY version")
        kept = [(version, entries != "[]", bool(served)) for version, entries, served in rows]
    newest = len(kept)
    assert newest >= 3
    assert kept[-1] == (newest, True, True)
    assert not any(said or token for _, said, token in kept[:-1])
    assert (await served(world)).version == newest


async def test_identity_does_not_follow_the_tracks(world: World) -> None:
    indexes = await issued(world, "lin", "identity")
    await world.suspend("lin")
    assert {(await served(world)).get(one) for one in indexes} == {StatusValue.VALID}


async def test_ledger_down_what_takes_away_is_served_at_once_and_published_later(world: World) -> None:
    indexes = await issued(world)
    world.ledger.down = True
    answer = await world.revoke(customer="lin")
    assert answer.json()["revoked"] == 5
    listed = await served(world)
    assert {listed.get(one) for one in indexes} == {StatusValue.REVOKED}
    assert listed.version > world.ledger.statuses[-1].version
    world.ledger.down = False
    await world.suspend("chen")
    assert world.ledger.statuses[-1].commitment == (await served(world)).commitment


async def test_ledger_down_what_restores_waits(world: World) -> None:
    lin, chen = await issued(world), await issued(world, "chen")
    await world.suspend("lin")
    world.ledger.down = True
    await world.reinstate("lin")
    assert {(await served(world)).get(one) for one in lin} == {StatusValue.SUSPENDED}
    await world.suspend("chen")
    listed = await served(world)
    assert {listed.get(one) for one in (*lin, *chen)} == {StatusValue.SUSPENDED}
    world.ledger.down = False
    await world.reinstate("lin")
    listed = await served(world)
    assert {listed.get(one) for one in lin} == {StatusValue.VALID}
    assert {listed.get(one) for one in chen} == {StatusValue.SUSPENDED}
    versions = [one.version for one in world.ledger.statuses]
    assert versions == list(range(1, len(versions) + 1))
    assert world.ledger.statuses[-1].commitment == listed.commitment


async def test_crash_between_ledger_and_serving_ends_in_the_same_version(world: World) -> None:
    indexes = await issued(world)
    faults.install(faults.InsecureFaultPoints("status.mid_publish=enospc", profile=Profile.SANDBOX))
    try:
        answer = await world.suspend("lin")
    finally:
        faults.install(None)
    assert answer.status_code == 503
    await world.suspend("lin")
    listed = await served(world)
    assert {listed.get(one) for one in indexes} == {StatusValue.SUSPENDED}
    assert [one.version for one in world.ledger.statuses] == [1, 2]


async def test_another_list_and_a_strange_root_are_not_found(world: World) -> None:
    assert (await world.client.get("/status/2")).status_code == 404
    assert (await world.client.get("/status/x")).status_code == 400
    assert (await world.client.get(f"/leaves/{'00' * 32}")).status_code == 404


async def test_unknown_customer_is_not_revoked(world: World) -> None:
    answer = await world.revoke(customer="nobody")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


@pytest.mark.parametrize("body", [{"reason": "x"}, {"customer": "lin", "credential_id": "a", "reason": "x"}])
async def test_revoking_names_exactly_one_thing(world: World, body: dict[str, str]) -> None:
    assert (await world.officer("wu", "/credentials/revoke", body)).json()["error"] == "malformed"


async def test_crash_before_serving_and_then_no_ledger_still_takes_away(world: World) -> None:
    """The version was written down and not served: asking again serves it, though nothing is new in it."""
    indexes = await issued(world)
    faults.install(faults.InsecureFaultPoints("status.mid_publish=enospc", profile=Profile.SANDBOX))
    try:
        await world.suspend("lin")
    finally:
        faults.install(None)
    world.ledger.down = True
    assert (await world.suspend("lin")).status_code == 200
    listed = await served(world)
    assert {listed.get(one) for one in indexes} == {StatusValue.SUSPENDED}
