"""Who may do what alone, who did what, and what an officer sees: suspending, revoking, four eyes, the queue."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime
from typing import Any

import pytest

from issuer.ports import Ground, Grounds
from passport.fraud import AlertKind, VerdictClass

World = Any
OPERATOR = {"Authorization": "Bearer operator-token-of-the-tests"}
BIG = {"customer": "liao", "credentials": ["proof-of-funds"]}
CLOSED = {"customer": "lin", "reason": "closed", "note": "the customer asked at the counter"}


async def read(world: World, path: str) -> Any:
    answer = await world.client.get(f"/v1/operator{path}", headers=OPERATOR)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def statuses(world: World, customer: str = "lin") -> set[str]:
    found = await read(world, f"/credentials?customer={customer}")
    return {one["status"] for one in found["credentials"]}


async def issue(world: World, customer: str = "lin") -> None:
    made = await world.offer(customer)
    await world.wallet().accept(made["offer"], made["tx_code"])


async def test_the_banks_system_suspends_at_once_and_takes_back_its_own_alone(world: World) -> None:
    await issue(world)
    body = {"customer": "lin"}
    assert (await world.operator("/credentials/suspend", body)).json() == {"suspended": 5}
    assert await statuses(world) == {"suspended"}
    assert (await world.operator("/credentials/reinstate", body)).json() == {"reinstated": 5}
    assert [(kind, caller, reason) for kind, caller, _, _, reason, _ in await recorded(world)][-2:] == [
        ("suspend", "operator", "bank_system"),
        ("reinstate", "operator", "bank_system"),
    ]
    await world.officer("wu", "/credentials/suspend", {**body, "reason": "lost_phone"})
    assert (await world.operator("/credentials/reinstate", body)).status_code == 401
    assert await statuses(world) == {"suspended"}


async def test_an_officer_makes_the_systems_suspension_their_own(world: World) -> None:
    await issue(world)
    await world.operator("/credentials/suspend", {"customer": "lin"})
    again = await world.officer("wu", "/credentials/suspend", {"customer": "lin", "reason": "lost_phone"})
    assert again.json()["already"]["by"] == "operator"
    assert (await world.operator("/credentials/reinstate", {"customer": "lin"})).status_code == 401
    assert (await recorded(world))[-1][:2] == ("suspend", "wu")
    done = await world.officer("wu", "/credentials/reinstate", {"customer": "lin", "reason": "found"})
    assert done.json() == {"reinstated": 5}


async def recorded(world: World, since: int = 0) -> list[tuple[Any, ...]]:
    found = (await read(world, f"/acts?after={since}"))["acts"]
    return [
        (one["act"], one["caller"], one["person"], one["customer"], one["reason"], one["copies_changed"])
        for one in found
    ]


async def test_suspending_takes_one_officer_and_is_immediate(world: World) -> None:
    await issue(world)
    body = {"customer": "lin", "reason": "lost_phone", "note": "called at 10:02"}
    assert (await world.officer("wu", "/credentials/suspend", body)).json() == {"suspended": 5}
    assert await statuses(world) == {"suspended"}


@pytest.mark.parametrize("path", ["/credentials/revoke", "/cause-gone"])
async def test_the_shared_token_takes_nothing_away_for_good_and_ends_no_restriction(
    world: World, path: str
) -> None:
    await issue(world)
    assert (await world.operator(path, {"customer": "lin", "reason": "x"})).status_code == 401
    assert await statuses(world) == {"valid"}


@pytest.mark.parametrize(
    "path", ["/credentials/suspend", "/credentials/reinstate", "/credentials/revoke", "/cause-gone"]
)
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
        {"reason": "a\u202eb"},
    ],
)
async def test_no_act_without_a_reason_of_bounded_plain_text(
    world: World, path: str, spoilt: dict[str, str | None]
) -> None:
    await issue(world)
    before = await recorded(world)
    body = {
        key: value
        for key, value in ({"customer": "lin", "reason": "x"} | spoilt).items()
        if value is not None
    }
    assert (await world.officer("wu", path, body)).status_code == 400
    assert (await statuses(world), await recorded(world)) == ({"valid"}, before)


@pytest.mark.parametrize(
    "path", ["/credentials/suspend", "/credentials/reinstate", "/credentials/revoke", "/cause-gone"]
)
async def test_an_unknown_customer_is_an_error(world: World, path: str) -> None:
    answer = await world.officer("wu", path, {"customer": "nobody", "reason": "x"})
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    assert (await read(world, "/acts"))["acts"] == []
    unknown = await world.client.get("/v1/operator/credentials?customer=nobody", headers=OPERATOR)
    assert unknown.status_code == 404
    assert (await read(world, "/credentials?customer=lin")) == {"credentials": []}


async def test_revoking_takes_two_people(world: World) -> None:
    await issue(world)
    asked = await world.officer("kao", "/credentials/revoke", CLOSED)
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    path = f"/revocations/{asked.json()['revocation_id']}/approve"
    # The one who asked, under either id, the shared token, and nobody: none of them is a second person.
    for alone in (
        await world.officer("kao", path),
        await world.officer("kao-2", path),
        await world.operator(path, {}),
    ):
        assert alone.status_code == 401
        assert await statuses(world) == {"valid"}
    waiting = (await read(world, "/revocations"))["revocations"]
    assert [(one["customer"], one["asked_by"], one["note"]) for one in waiting] == [
        ("lin", "kao", CLOSED["note"])
    ]
    done = await world.officer("wu", path, {"note": "seen the letter"})
    assert (done.json()["state"], done.json()["revoked"]) == ("done", 5)
    assert await statuses(world) == {"revoked"}
    assert (await read(world, "/revocations"))["revocations"] == []
    # Again by the same officer is the same answer; another comes too late.
    assert (await world.officer("wu", path)).json() == done.json()
    assert (await world.officer("lo", path)).status_code == 409


async def test_one_request_waits_once_and_two_who_agree_at_once_revoke_once(world: World) -> None:
    await issue(world)
    first = await world.officer("wu", "/credentials/revoke", CLOSED)
    assert (await world.officer("wu", "/credentials/revoke", CLOSED)).json() == first.json()
    assert (await world.officer("kao", "/credentials/revoke", CLOSED)).status_code == 409
    path = f"/revocations/{first.json()['revocation_id']}/approve"
    answers = await asyncio.gather(world.officer("kao", path), world.officer("lo", path))
    assert sorted(one.status_code for one in answers) == [200, 409]
    assert [act for act, *_ in await recorded(world)] == ["offer", "ask_revocation", "revoke"]


async def test_declined_and_forgotten_requests_revoke_nothing(world: World) -> None:
    await issue(world)
    asked = (await world.officer("wu", "/credentials/revoke", CLOSED)).json()
    path = f"/revocations/{asked['revocation_id']}"
    assert (await world.officer("kao", f"{path}/decline", {"reason": "wrong_person"})).json()[
        "state"
    ] == "declined"
    assert (await world.officer("kao", f"{path}/approve")).status_code == 409
    late = (await world.officer("wu", "/credentials/revoke", CLOSED)).json()
    world.clock.advance(days=7)
    assert (await world.officer("kao", f"/revocations/{late['revocation_id']}/approve")).status_code == 409
    assert (await read(world, "/revocations"))["revocations"] == []
    assert await statuses(world) == {"valid"}
    assert (await world.officer("kao", "/revocations/unknown/approve")).status_code == 404


async def test_a_police_notice_needs_nobody_here_and_is_recorded_once(world: World) -> None:
    await issue(world)
    world.hub.tell(AlertKind.IMPERSONATED, "lin", "notice-0000000007")
    for _ in range(500):
        if await statuses(world) == {"revoked"}:
            break
        await asyncio.sleep(0.02)
    acts = (await read(world, "/acts"))["acts"]
    assert [(one["act"], one["caller"], one["reason"], one["about"]) for one in acts[1:]] == [
        ("suspend", "hub", "impersonated", "notice-0000000007"),
        ("revoke", "hub", "impersonated", "notice-0000000007"),
    ]


async def test_nobody_reinstates_while_a_track_holds_or_who_was_not_suspended(world: World) -> None:
    await issue(world)
    answer = await world.reinstate("lin")
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    await world.suspend("lin")
    world.hub.tell(AlertKind.WARNING, "lin")
    for _ in range(500):
        held = await world.reinstate("lin")
        if held.status_code == 409:
            break
        await world.suspend("lin")
        await asyncio.sleep(0.02)
    assert "warning" in held.json()["error_description"]
    assert await statuses(world) == {"suspended"}
    world.hub.tell(AlertKind.LIFTED, "lin")
    for _ in range(500):
        if (await world.reinstate("lin")).status_code == 200:
            break
        await asyncio.sleep(0.02)
    assert await statuses(world) == {"valid"}


async def test_suspending_twice_is_one_act_and_says_since_when_and_by_whom(world: World) -> None:
    await issue(world)
    assert "already" not in (await world.suspend("lin", "wu")).json()
    before = await recorded(world)
    for officer in ("wu", "kao"):
        again = (await world.suspend("lin", officer)).json()
        assert (again["suspended"], again["already"]["by"]) == (0, "wu")
        assert again["already"]["since"] == (await read(world, "/acts"))["acts"][-1]["at"]
    assert await recorded(world) == before
    # Ended and begun again is a suspension of its own, by who began it now.
    await world.reinstate("lin", "wu")
    world.clock.advance(minutes=7)
    assert "already" not in (await world.suspend("lin", "kao")).json()
    begun = (await read(world, "/acts"))["acts"][-1]["at"]
    assert (await world.suspend("lin", "wu")).json()["already"] == {"since": begun, "by": "kao"}


async def test_reinstating_who_is_not_suspended_is_refused_and_no_act(world: World) -> None:
    await issue(world)
    never = await world.reinstate("lin")
    assert (never.status_code, never.json()["error"]) == (409, "conflict")
    assert "not suspended" in never.json()["error_description"]
    await world.suspend("lin")
    assert (await world.reinstate("lin", "kao")).json() == {"reinstated": 5}
    before = await recorded(world)
    again = await world.reinstate("lin", "kao")
    assert (again.status_code, again.json()["error"]) == (409, "conflict")
    said = again.json()["error_description"]
    assert "not suspended" in said
    # Whoever lost the first answer finds that it was done.
    assert "by kao" in said
    assert await recorded(world) == before


async def test_who_made_an_offer_hears_that_and_who_agreed_hears_that(world: World) -> None:
    own = (await world.officer("kao", "/offers", BIG)).json()
    for maker in ("kao", "kao-2"):
        refused = (await world.officer(maker, f"/queue/{own['offer_id']}/approve")).json()
        assert "you made this offer yourself" in refused["error_description"]
    made = (await world.operator("/offers", BIG)).json()
    await world.officer("kao", f"/queue/{made['offer_id']}/approve")
    twice = (await world.officer("kao", f"/queue/{made['offer_id']}/approve")).json()
    assert "you have agreed to this offer before" in twice["error_description"]
    asked = (await world.officer("kao", "/credentials/revoke", {**CLOSED, "customer": "liao"})).json()
    assert asked["error"] == "not_found"
    await issue(world)
    asked = (await world.officer("kao", "/credentials/revoke", CLOSED)).json()
    alone = (await world.officer("kao", f"/revocations/{asked['revocation_id']}/approve")).json()
    assert "you asked for this revocation yourself" in alone["error_description"]


async def test_two_tokens_of_one_person_are_one_pair_of_eyes(world: World) -> None:
    """An officer and the shared token, or two ids of one officer, release nothing large (T62)."""
    made = (await world.operator("/offers", BIG)).json()
    path = f"/queue/{made['offer_id']}/approve"
    assert (await world.officer("kao", path)).json()["state"] == "waiting"
    assert (await world.officer("kao", path)).status_code == 401
    assert (await world.officer("kao-2", path)).status_code == 401
    assert (await world.operator(path, {})).status_code == 401
    assert "offer" in (await world.officer("wu", path)).json()
    # Who made it, under the other id, is no second person either.
    own = (await world.officer("kao-2", "/offers", BIG)).json()
    path = f"/queue/{own['offer_id']}/approve"
    assert (await world.officer("kao", path)).status_code == 401
    assert "offer" in (await world.officer("wu", path)).json()


async def test_an_officer_approves_no_offer_to_themselves(world: World) -> None:
    officers = world.outside.bank._content.officers
    (wu,) = [one for one in officers if one.id == "wu"]
    object.__setattr__(wu, "person", "SBLIAO")
    made = (await world.officer("kao", "/offers", BIG)).json()
    refused = await world.officer("wu", f"/queue/{made['offer_id']}/approve")
    assert (refused.status_code, refused.json()["error"]) == (401, "not_authorised")
    assert "offer" in (await world.officer("lo", f"/queue/{made['offer_id']}/approve")).json()


async def test_every_act_carries_its_caller_and_reason_into_a_record_that_is_never_changed(
    world: World,
) -> None:
    made = (await world.officer("wu", "/offers", {**BIG, "reason": "house_abroad"})).json()
    await world.officer("kao-2", f"/queue/{made['offer_id']}/approve", {"reason": "seen_contract"})
    large = (await world.officer("wu", "/offers", BIG)).json()
    await world.officer("kao", f"/queue/{large['offer_id']}/decline", {"reason": "twice"})
    await issue(world)
    await world.suspend("lin")
    await world.reinstate("lin", "kao")
    await world.revoke(customer="lin")
    await world.officer("lo", "/cause-gone", {"customer": "chen", "reason": "restriction_ended"})
    expected = [
        ("offer", "wu", "wu", "liao", "house_abroad", 0),
        ("approve", "kao-2", "kao", "liao", "seen_contract", 0),
        ("offer", "wu", "wu", "liao", "none_given", 0),
        ("decline", "kao", "kao", "liao", "twice", 0),
        ("offer", "operator", None, "lin", "none_given", 0),
        ("suspend", "wu", "wu", "lin", "lost", 5),
        ("reinstate", "kao", "kao", "lin", "found", 5),
        ("ask_revocation", "wu", "wu", "lin", "closed", 0),
        ("revoke", "kao", "kao", "lin", "none_given", 5),
        ("cause_gone", "lo", "lo", "chen", "restriction_ended", 0),
    ]
    assert await recorded(world) == expected
    assert await recorded(world, 7) == expected[7:]
    with sqlite3.connect(world.settings.state_dir / "issuer.sqlite") as database:
        for spoiling in ("UPDATE act SET caller = 'lo'", "DELETE FROM act WHERE number = 1"):
            with pytest.raises(sqlite3.IntegrityError, match="not changed"):
                database.execute(spoiling)


async def test_what_was_refused_is_not_recorded_as_done(world: World) -> None:
    made = (await world.officer("wu", "/offers", BIG)).json()
    before = await recorded(world)
    await world.officer("wu", f"/queue/{made['offer_id']}/approve")
    await world.officer("kao", "/queue/unknown/decline", {"reason": "x"})
    await world.reinstate("lin")
    assert await recorded(world) == before


async def test_queue_shows_amounts_evidence_since_when_and_who(world: World) -> None:
    world.hub.verdict, world.hub.signed = VerdictClass.REVIEW, "signed-verdict"
    world.hub.explained["signed-verdict"] = Grounds(
        verdict="review",
        as_of=datetime(2026, 11, 20, 3, 59, tzinfo=UTC),
        rule="rule-1",
        depth=3,
        truncated=True,
        grounds=(Ground("", "********5432", "", 2, "", 2),),
    )
    made = (await world.officer("wu", "/offers", BIG)).json()
    (entry,) = (await read(world, "/queue"))["queue"]
    assert (entry["offer_id"], entry["requested_by"]) == (made["offer_id"], "wu")
    assert entry["reasons"] == ["large_amount", "fraud_review"]
    assert entry["amount"]["total_usd_minor"] == entry["amount"]["available_usd_minor"] == 231_410_000
    assert [one["account"] for one in entry["amount"]["accounts"]] == ["********5432"]
    assert entry["fraud_check"]["verdict"] == "review"
    assert entry["fraud_check"]["truncated"] is True
    assert entry["fraud_check"]["grounds"][0]["hops"] == 2
    assert entry["created_at"] > 0


async def test_a_hub_that_said_nothing_is_told_apart_from_one_that_said_clear(world: World) -> None:
    world.hub.down = True
    await world.offer()
    (entry,) = (await read(world, "/queue"))["queue"]
    assert (entry["reasons"], entry["fraud_check"]) == (["fraud_unknown"], None)


async def test_customers_are_listed_with_what_restricts_them(world: World) -> None:
    await issue(world)
    await world.suspend("lin")
    listed = {one["customer"]: one for one in (await read(world, "/customers"))["customers"]}
    assert set(listed) == {"lin", "liao", "chen"}
    assert listed["lin"]["restrictions"] == ["officer"]
    assert listed["lin"]["copies"] == {"valid": 0, "suspended": 5, "revoked": 0}
    assert listed["chen"]["copies"] == {"valid": 0, "suspended": 0, "revoked": 0}
