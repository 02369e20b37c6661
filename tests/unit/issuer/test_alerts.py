"""What the hub's stream does to credentials; what a hub that is down does to offers."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest

from passport.fraud import AlertKind

World = Any
OPERATOR = {"Authorization": "Bearer operator-token-of-the-tests"}


async def issued(world: World, customer: str = "lin") -> None:
    made = await world.offer(customer)
    await world.wallet().accept(made["offer"], made["tx_code"])


async def statuses(world: World, customer: str = "lin") -> set[str]:
    answer = await world.client.get(f"/v1/operator/credentials?customer={customer}", headers=OPERATOR)
    return {one["status"] for one in answer.json()["credentials"]}


async def soon(world: World, expected: set[str], customer: str = "lin") -> None:
    await eventually(lambda: statuses(world, customer), expected)


async def eventually(ask: Callable[[], Any], expected: object) -> None:
    for _ in range(200):
        found = await ask()
        if found == expected:
            return
        await asyncio.sleep(0.02)
    assert found == expected


@pytest.mark.parametrize("kind", [AlertKind.WARNING, AlertKind.DERIVED])
async def test_warning_and_derived_suspend_only_their_customer(world: World, kind: AlertKind) -> None:
    await issued(world)
    await issued(world, "chen")
    world.hub.tell(AlertKind.WARNING, None)
    world.hub.tell(kind, "lin")
    await soon(world, {"suspended"})
    assert await statuses(world, "chen") == {"valid"}


async def test_lift_takes_back_its_own_warning_only(world: World) -> None:
    await issued(world)
    world.hub.tell(AlertKind.WARNING, "lin", "notice-0000000001")
    world.hub.tell(AlertKind.WARNING, "lin", "notice-0000000002")
    await soon(world, {"suspended"})
    world.hub.tell(AlertKind.LIFTED, "lin", "notice-0000000001")
    world.hub.tell(AlertKind.WARNING, "chen", "notice-0000000003")
    await issued_position(world, 4)
    assert await statuses(world) == {"suspended"}
    world.hub.tell(AlertKind.LIFTED, "lin", "notice-0000000002")
    await soon(world, {"valid"})


async def issued_position(world: World, number: int) -> None:
    """Until the bank has taken in that many alerts."""

    async def position() -> int:
        with sqlite3.connect(world.settings.state_dir / "issuer.sqlite") as database:
            row = database.execute("SELECT position FROM stream_position").fetchone()
        return int(row[0]) if row else 0

    await eventually(position, number)


async def test_lift_leaves_derived_until_the_bank_says_the_cause_is_gone(world: World) -> None:
    await issued(world)
    world.hub.tell(AlertKind.WARNING, "lin")
    world.hub.tell(AlertKind.DERIVED, "lin")
    await soon(world, {"suspended"})
    world.hub.tell(AlertKind.LIFTED, "lin")
    await issued_position(world, 3)
    assert await statuses(world) == {"suspended"}
    answer = await world.officer("wu", "/cause-gone", {"customer": "lin", "reason": "returned"})
    assert answer.json() == {"reinstated": 5}
    assert world.hub.gone == ["TW:SBLIN"]
    assert await statuses(world) == {"valid"}


async def test_cause_gone_changes_nothing_while_the_hub_is_down(world: World) -> None:
    await issued(world)
    world.hub.tell(AlertKind.DERIVED, "lin")
    await soon(world, {"suspended"})
    world.hub.down = True
    assert (
        await world.officer("wu", "/cause-gone", {"customer": "lin", "reason": "returned"})
    ).status_code == 503
    assert await statuses(world) == {"suspended"}


async def test_impersonation_revokes_for_good_and_ends_offers(world: World) -> None:
    await issued(world)
    world.hub.tell(AlertKind.IMPERSONATED, "lin")
    await soon(world, {"revoked"})
    answer = await world.operator("/offers", {"customer": "lin", "credentials": ["proof-of-funds"]})
    assert answer.json()["error"] == "fraud_block"


async def test_an_earmark_is_answered_by_the_hub_alone(world: World) -> None:
    await issued(world)
    world.hub.tell(AlertKind.EARMARK, "lin")
    await issued_position(world, 1)
    assert await statuses(world) == {"valid"}


async def test_what_was_told_while_the_hub_was_down_is_not_missed(world: World) -> None:
    await issued(world)
    world.hub.down = True
    world.hub.tell(AlertKind.WARNING, "lin")
    await asyncio.sleep(0.1)
    assert await statuses(world) == {"valid"}
    world.hub.down = False
    await soon(world, {"suspended"})


async def test_alert_about_an_account_that_the_bank_gains_later_is_kept_until_then(world: World) -> None:
    await issued(world)
    world.hub.tell(AlertKind.WARNING, None, "notice-0000000001", about="token-1")
    world.hub.tell(AlertKind.WARNING, None, "notice-0000000002", about="token-2")
    await issued_position(world, 2)
    assert await statuses(world) == {"valid"}
    world.hub.held["token-1"] = "lin"
    await soon(world, {"suspended"})
    world.hub.tell(AlertKind.LIFTED, "lin", "notice-0000000001")
    await soon(world, {"valid"})


async def test_account_gained_while_alerts_are_being_read_is_found_at_the_next_tick(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An offer in another thread may link an account after the stream matched its alert to nobody."""
    await issued(world)
    read = world.hub.after

    def after(number: int) -> Any:
        told = read(number)
        if told:
            world.hub.held["token-1"] = "lin"
        return told

    monkeypatch.setattr(world.hub, "after", after)
    world.hub.tell(AlertKind.WARNING, None, "notice-0000000001", about="token-1")
    await soon(world, {"suspended"})


async def test_kept_warning_counts_before_the_lift_with_which_its_account_is_gained(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading the stream links new accounts first, so that the lift comes matched and its warning waits among the kept."""
    await issued(world)
    world.hub.tell(AlertKind.WARNING, None, "notice-0000000001", about="token-1")
    await issued_position(world, 1)
    read = world.hub.after

    def after(number: int) -> Any:
        told = read(number)
        if told:
            world.hub.held["token-1"] = "lin"
        return told

    monkeypatch.setattr(world.hub, "after", after)
    world.hub.tell(AlertKind.LIFTED, "lin", "notice-0000000001", about="token-1")
    await eventually(lambda: kept(world), [])
    await issued_position(world, 2)
    await asyncio.sleep(0.1)
    assert await statuses(world) == {"valid"}


async def kept(world: World) -> list[str]:
    """Whom the alerts that the bank keeps are about."""
    with sqlite3.connect(world.settings.state_dir / "issuer.sqlite") as database:
        return [row[0] for row in database.execute("SELECT about FROM kept_alert")]


async def test_kept_warning_and_its_kept_lift_leave_the_credential_valid(world: World) -> None:
    await issued(world)
    world.hub.tell(AlertKind.WARNING, None, "notice-0000000001", about="token-1")
    world.hub.tell(AlertKind.LIFTED, None, "notice-0000000001", about="token-1")
    world.hub.tell(AlertKind.WARNING, None, "notice-0000000002", about="token-2")
    await issued_position(world, 3)
    world.hub.held["token-1"] = "lin"
    await eventually(lambda: kept(world), ["token-2"])
    assert await statuses(world) == {"valid"}


async def test_hub_down_an_officer_decides_and_the_handles_are_registered_later(world: World) -> None:
    world.hub.down = True
    made = await world.offer()
    assert made["state"] == "waiting"
    approved = (await world.officer("wu", f"/queue/{made['offer_id']}/approve")).json()
    await world.wallet().accept(approved["offer"], approved["tx_code"])
    assert world.hub.handles == {}
    world.hub.down = False

    async def handles() -> int:
        return len(world.hub.handles.get(made["offer_id"], ()))

    await eventually(handles, 5)
    assert world.hub.asked[-1] == (
        "TW:899:0001:000012345678", "TW:899:0001:000012349999", "TW:SBLIN",
    )  # fmt: skip
