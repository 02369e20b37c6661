"""What another bank says of a customer is a task for an officer here: it suspends nobody until one confirms it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fraud_check.client import HeldAccount, NoticeDraft, account_subject, person_subject
from issuer.ports import BankAlert
from issuer.remote.bank_file import FileBank
from issuer.remote.hub import HubDesk
from passport.fraud import AlertKind, NoticeKind
from passport.registry import Role
from tests.simulators.hub_world import HubWorld
from tests.unit.issuer.test_alerts import eventually, issued, issued_position, kept, soon, statuses

World = Any
CLAIM = BankAlert(
    1, AlertKind.HOLDER_CLAIMED, "notice-0000000001", "lin", "person-token", account="account-token",
    linked_by="did:ethr:0x7a69:0x" + "cc" * 20,
)  # fmt: skip


async def tasks(world: World) -> list[dict[str, Any]]:
    answer = await world.client.get(
        "/v1/operator/tasks", headers={"Authorization": "Bearer operator-token-of-the-tests"}
    )
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["tasks"]
    return found


async def told(world: World, *alerts: BankAlert) -> None:
    world.hub.held["person-token"] = "lin"
    world.hub.stream.extend(alerts)
    await issued_position(world, len(alerts))


async def test_a_claim_is_a_task_and_suspends_nobody(world: World) -> None:
    await issued(world)
    await told(world, CLAIM)
    (task,) = await tasks(world)
    assert (task["task"], task["kind"], task["customer"]) == (1, "holder_claimed", "lin")
    assert (task["notice"], task["linked_by"]) == (CLAIM.notice, CLAIM.linked_by)
    assert await statuses(world) == {"valid"}
    assert await kept(world) == []


async def test_an_officer_confirms_and_the_stream_suspends(world: World) -> None:
    """The word goes to the hub under a random name, in the hub's own tokens; what follows comes back as an alert."""
    await issued(world)
    await told(world, CLAIM)
    body = {"answer": "holds", "reason": "same_person"}
    answer = await world.officer("wu", "/tasks/1/answer", body)
    assert (answer.status_code, answer.json()) == (200, {"task": 1, "answer": "holds"})
    assert world.hub.words == [("account-token", "person-token", True)]
    assert len(world.hub.references[0]) >= 22
    assert await tasks(world) == []
    assert await statuses(world) == {"valid"}
    world.hub.tell(AlertKind.DERIVED, "lin")
    await soon(world, {"suspended"})
    # Nobody answers twice, and it is on record who did.
    assert (await world.officer("kao", "/tasks/1/answer", body)).json()["error"] == "not_found"
    acts = await world.client.get(
        "/v1/operator/acts", headers={"Authorization": "Bearer operator-token-of-the-tests"}
    )
    (act,) = [one for one in acts.json()["acts"] if one["act"] == "answer_task"]
    assert (act["caller"], act["customer"], act["reason"]) == ("wu", "lin", "same_person")
    assert act["about"] == f"holds:{CLAIM.notice}"


async def test_an_officer_denies_and_nothing_is_suspended(world: World) -> None:
    await issued(world)
    await told(world, CLAIM)
    answer = await world.officer("wu", "/tasks/1/answer", {"answer": "denies", "reason": "unknown_number"})
    assert answer.status_code == 200
    assert world.hub.words == [("account-token", "person-token", False)]
    assert await statuses(world) == {"valid"}


async def test_other_tasks_are_noted_and_never_confirmed(world: World) -> None:
    changed = replace(CLAIM, kind=AlertKind.HOLDER_CHANGED, account="")
    unclear = replace(changed, number=2, kind=AlertKind.HOLDER_UNCLEAR, customer=None, about="nobody-here")
    await told(world, changed, unclear)
    assert [(one["kind"], one["customer"]) for one in await tasks(world)] == [
        ("holder_changed", "lin"),
        ("holder_unclear", None),
    ]
    refused = await world.officer("wu", "/tasks/1/answer", {"answer": "holds", "reason": "x"})
    assert (refused.status_code, refused.json()["error"]) == (409, "conflict")
    assert (await world.officer("wu", "/tasks/1/answer", {"answer": "noted", "reason": "called"})).is_success
    assert [one["task"] for one in await tasks(world)] == [2]
    assert world.hub.words == []


async def test_a_task_waits_while_the_hub_is_down(world: World) -> None:
    await told(world, CLAIM)
    world.hub.down = True
    answer = await world.officer("wu", "/tasks/1/answer", {"answer": "holds", "reason": "same_person"})
    assert answer.status_code == 503
    assert len(await tasks(world)) == 1


async def test_the_shared_operator_answers_nothing(world: World) -> None:
    await told(world, CLAIM)
    answer = await world.operator("/tasks/1/answer", {"answer": "holds", "reason": "same_person"})
    assert answer.status_code in {401, 403}
    assert world.hub.words == []


async def test_the_same_alert_twice_is_one_task(world: World) -> None:
    """A kill between keeping the task and moving on reads the alert again."""
    await told(world, CLAIM)
    world.hub.stream.append(replace(CLAIM, number=1))
    await eventually(lambda: count(world), 1)


async def count(world: World) -> int:
    return len(await tasks(world))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubWorld]:
    made = HubWorld(tmp_path)
    made.start()
    yield made
    made.close()


def test_a_claim_at_a_real_hub_comes_as_one_about_our_customer_and_is_confirmed(
    hub: HubWorld, bank: FileBank
) -> None:
    ours, theirs = hub.participant(Role.MEMBER, Role.ISSUER), hub.participant(Role.MEMBER)
    desk = HubDesk(hub.connection(ours), hub.member(ours), bank.customers)
    assert desk.after(0) == ()
    other, police = hub.member(theirs), hub.police(hub.participant(Role.POLICE))
    subjects = [account_subject("TW:898:0001:900000000001"), person_subject("TW", "SBLIN")]
    tokens = other.tokens(subjects)
    account, person = (tokens[one] for one in subjects)
    police.notify(
        NoticeDraft("notice-000000001", NoticeKind.WARN, "case-1", hub.clock.now(), account=account)
    )
    other.link_accounts([HeldAccount(account, person)])
    _, claim = desk.after(0)
    assert (claim.kind, claim.customer, claim.account) == (AlertKind.HOLDER_CLAIMED, "lin", account)
    assert (claim.about, claim.linked_by) == (person, str(theirs.did))
    desk.confirm_holder(claim.account, claim.about, "r" * 32, holds=True)
    derived = desk.after(2)
    assert {(one.kind, one.customer) for one in derived} == {(AlertKind.DERIVED, "lin")}
    assert len(derived) == 2
