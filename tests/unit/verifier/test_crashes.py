"""Killed at any moment, bank X finishes what it began and says nothing twice (fault F07; invariants I2 and I6)."""

from __future__ import annotations

import asyncio
import os
import signal
import warnings
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from passport.openid4vp import ErrorResponse, write_response
from service import faults
from service.profile import Profile
from tests.simulators.verifier_desk import BASE_URL, Desk, open_database

POINTS = [
    "verifier.after_received",
    "verifier.before_check",
    "verifier.before_settled",
    "verifier.after_settled",
]


def post_in_a_process_that_dies(desk: Desk, folder: Path, path: str, body: bytes, point: str) -> int:
    """Serve one POST in a child process that kills itself at the point; its exit status."""
    with warnings.catch_warnings():
        # Only this test's own thread goes on in the child, and it opens everything anew.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        faults.install(faults.InsecureFaultPoints(point, profile=Profile.SANDBOX))
        desk.database = open_database(folder)
        desk.restart()
        desk.follow()

        async def post() -> None:
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app=desk.app), base_url=BASE_URL
            ) as client:
                headers = {"Content-Type": "application/x-www-form-urlencoded"}
                await client.post(path, content=body, headers=headers)
                await asyncio.sleep(20)

        asyncio.run(post())
        os._exit(0)
    return os.waitpid(child, 0)[1]


@pytest.mark.parametrize("point", POINTS)
async def test_killed_and_started_again(database_folder: Path, point: str) -> None:
    desk = Desk(open_database(database_folder))
    opened = await desk.open()
    body = await opened.body()
    desk.anchor()
    desk.database.close()
    path = opened.request_path.replace("/requests/", "/responses/")
    status = await asyncio.to_thread(post_in_a_process_that_dies, desk, database_folder, path, body, point)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL

    desk.database = open_database(database_folder)
    desk.restart()
    desk.follow()
    if point != "verifier.after_settled":
        assert (await opened.result(wait=0))["status"] == "pending"
    again = await opened.post(body)
    assert (again.status_code, again.json()["error"]) == (409, "already_received")
    desk.assembled.rounds["housekeeping"]()
    result = await opened.result()
    assert (result["status"], result["reasons"]) == ("verified", [])
    desk.assembled.rounds["housekeeping"]()
    with desk.database.read() as session:
        events = session.connection().exec_driver_sql("SELECT count(*) FROM webhook_event").scalar_one()
    assert events == 1
    desk.database.close()


async def test_check_that_breaks_stays_pending_and_is_begun_again(desk: Desk) -> None:
    opened = await desk.open()
    faults.install(faults.InsecureFaultPoints("verifier.before_settled=enospc", profile=Profile.SANDBOX))
    try:
        assert (await opened.answer()).status_code == 200
        assert (await opened.result(wait=0.3))["status"] == "pending"
    finally:
        faults.install(None)
    desk.assembled.rounds["housekeeping"]()
    assert (await opened.result())["status"] == "verified"


async def test_check_that_breaks_every_time_goes_to_a_person(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = await desk.open()
    body = await opened.body()

    def broken(*_: object) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(desk.ledger, "signing_key", broken)
    await opened.post(body)
    for _ in range(20):
        desk.assembled.rounds["housekeeping"]()
        result = await opened.result(wait=0.1)
        if result["status"] != "pending":
            break
    assert result["status"] == "review"
    assert set(result["reasons"]) == {"check_failed"}  # type: ignore[arg-type]
    assert "disclosed" not in result


async def test_overdue_applications_are_settled_by_the_clock(desk: Desk) -> None:
    opened = await desk.open()
    desk.clock.advance(timedelta(minutes=16))
    desk.assembled.rounds["housekeeping"]()
    result = await opened.result(wait=0)
    assert (result["status"], result["reasons"]) == ("refused", ["expired"])


async def test_disk_that_fills_up_acknowledges_nothing_and_loses_nothing(desk: Desk) -> None:
    """Fault F14: the answer was stored, then nothing more could be written; the wallet posts the same bytes again."""
    opened = await desk.open()
    body = await opened.body()
    faults.install(faults.InsecureFaultPoints("verifier.after_received=enospc", profile=Profile.SANDBOX))
    try:
        assert (await opened.post(body)).status_code == 503
    finally:
        faults.install(None)
    assert (await opened.post(body)).json()["error"] == "already_received"
    desk.assembled.rounds["housekeeping"]()
    assert (await opened.result())["status"] == "verified"


async def test_check_waits_as_long_as_the_ledger_was_not_seen(desk: Desk) -> None:
    """After a restart the follower begins anew; however long that takes, no check fails for it."""
    opened = await desk.open()
    body = await opened.body()
    faults.install(faults.InsecureFaultPoints("verifier.before_check=enospc", profile=Profile.SANDBOX))
    try:
        await opened.post(body)
        assert (await opened.result(wait=0.2))["status"] == "pending"
    finally:
        faults.install(None)
    desk.ledger.trust_is_unknown = True
    for _ in range(8):
        desk.assembled.rounds["housekeeping"]()
        assert (await opened.result(wait=0.05))["status"] == "pending"
    desk.ledger.trust_is_unknown = False
    desk.assembled.rounds["housekeeping"]()
    assert (await opened.result())["status"] == "verified"


async def test_killed_before_it_was_settled_a_wallets_error_is_still_in_the_record(
    database_folder: Path,
) -> None:
    desk = Desk(open_database(database_folder))
    opened = await desk.open()
    request = await opened.request()
    body = write_response(ErrorResponse(error="vp_formats_not_supported", state=request.state))
    desk.database.close()
    path = opened.request_path.replace("/requests/", "/responses/")
    point = "verifier.before_settled"
    status = await asyncio.to_thread(post_in_a_process_that_dies, desk, database_folder, path, body, point)
    assert os.WIFSIGNALED(status)

    desk.database = open_database(database_folder)
    desk.restart()
    desk.follow()
    desk.assembled.rounds["housekeeping"]()
    result = await opened.result()
    assert (result["status"], result["reasons"]) == ("refused", ["wallet_refused_request"])
    desk.database.close()
