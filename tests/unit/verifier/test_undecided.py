"""No more answers are taken than can be decided while they are fresh; what is not taken spends nothing."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest

from service.admission import name_of
from service.admission_walls import EarlyRefusal
from tests.simulators.verifier_desk import TOKEN, Desk
from verifier.background import _CHECKS_AT_ONCE, CheckWorker
from verifier.bell import SettlementBell


@dataclass
class Seconds:
    now: float = 0.0
    leave: threading.Event = field(default_factory=threading.Event)
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def __call__(self) -> float:
        return self.now

    def check(self, _: str) -> None:
        self.begun.release()
        assert self.leave.wait(30)


def test_how_long_an_answer_would_wait_is_known_from_what_waits_and_from_what_hangs() -> None:
    seconds = Seconds()
    worker = CheckWorker(seconds.check, lambda: [f"again {n}" for n in range(4)], seconds)
    assert worker.undecided_seconds() == 0
    for n in range(_CHECKS_AT_ONCE):
        worker.submit(f"running {n}")
    for _ in range(_CHECKS_AT_ONCE):
        assert seconds.begun.acquire(timeout=20)
    assert worker.undecided_seconds() == 0
    for n in range(160):
        worker.submit(f"waits {n}")
        worker.submit(f"waits {n}")  # the same one again is no further work
    guess = worker.undecided_seconds()
    assert guess == pytest.approx(160 * 0.05 / _CHECKS_AT_ONCE)
    worker.resume()
    assert worker.undecided_seconds() > guess
    seconds.now = 30.0  # all checks hang: none ends, so no mean tells
    assert worker.undecided_seconds() == 30
    seconds.leave.set()
    worker.close()


async def test_an_answer_that_would_grow_stale_is_not_taken_and_not_spent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = [0.0]
    monkeypatch.setattr(CheckWorker, "undecided_seconds", lambda _: waits[0])
    desk.restart()
    desk.follow()
    opened = await desk.open()
    body = await opened.body()
    # New applications are refused first.
    waits[0] = 6.0
    answer = await desk.client.post(
        "/v1/applications", json={"policy": "account-opening"}, headers={"Authorization": f"Bearer {TOKEN}"}
    )
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    # Then answers, before anything of them is spent.
    waits[0] = 60.0
    refused = await opened.post(body)
    assert (refused.status_code, refused.json()["error"]) == (503, "temporarily_unavailable")
    assert int(refused.headers["retry-after"]) >= 1
    shown = (await desk.api(f"/v1/applications/{opened.id}")).json()
    assert shown["state"] == "open"
    # What was begun comes in once there is time for it, and is decided.
    waits[0] = 6.0
    assert (await opened.post(body)).status_code == 200
    assert (await opened.result())["status"] == "verified"


async def test_an_application_is_one_journey_from_its_opening_to_its_answer(desk: Desk) -> None:
    walls: Any = desk.app.user_middleware
    [admitting] = [one.kwargs["admitting"] for one in walls if one.cls is EarlyRefusal]
    journeys = admitting.admission.journeys
    opened = await desk.open()
    assert journeys.under_way() == 1
    assert journeys.knows(name_of(opened.request_path.rpartition("/")[2]))
    body = await opened.body()
    assert journeys.under_way() == 1
    await opened.post(body)
    assert journeys.under_way() == 0


async def test_a_settlement_wakes_only_who_waits_for_it() -> None:
    bell = SettlementBell()
    with bell.hear("mine") as mine, bell.hear("yours") as yours:
        bell.ring("mine")
        bell.ring("nobody's")
        await mine.wait(20)
        yours_woke = asyncio.create_task(yours.wait(20))
        await asyncio.sleep(0)
        assert not yours_woke.done()
        bell.ring("yours")
        await yours_woke
    assert not bell._waiting
