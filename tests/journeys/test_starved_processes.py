"""A machine that runs out: no room on the disk, no file descriptors, a lock that another holds, an end under load.

Real processes, limited by the kernel (``prlimit``), and real HTTP. What was acknowledged is there afterwards, what could
not be kept was never acknowledged, and the process goes on by itself when the shortage ends (faults F13, F14, F17, F43).
"""

from __future__ import annotations

import resource
import signal
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from sandbox.installation import LOOPBACK, Party
from sandbox.processes import Child
from sandbox.standing_world import standing_world
from tests.simulators.abroad import Abroad, eventually

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux sets limits of another process"),
]


@pytest.fixture(scope="module")
def starved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Abroad]:
    """A world of its own: others would starve with it."""
    with standing_world(tmp_path_factory.mktemp("starved"), accounts=300, transfers=500) as standing:
        yield Abroad(standing)


@dataclass(frozen=True, slots=True)
class Desk:
    """A service that takes something in, and what of it is on its disk."""

    child: Child
    party: Party
    token: str
    path: str
    body: dict[str, object]
    database: Path
    kept: str

    def post(self) -> httpx.Response:
        return httpx.post(
            self.party.base_url + self.path,
            json=self.body,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=20,
        )

    def rows(self) -> set[str]:
        with closing(sqlite3.connect(self.database)) as database:
            return {str(row[0]) for row in database.execute(self.kept)}


def bank_a(world: Abroad) -> Desk:
    """Bank A takes orders for offers."""
    place = world.standing.installation
    return Desk(
        child=world.standing.children["bank_a"],
        party=place.bank_a,
        token=place.token("bank_a").read_text().strip(),
        path="/v1/operator/offers",
        body={"customer": "kuo", "credentials": ["identity"]},
        database=place.state("bank_a") / "issuer.sqlite",
        kept="SELECT id FROM offer",
    )


def bank_x(world: Abroad) -> Desk:
    """Bank X takes applications."""
    place = world.standing.installation
    return Desk(
        child=world.standing.children["bank_x"],
        party=place.bank_x,
        token=place.token("bank_x").read_text().strip(),
        path="/v1/applications",
        body={"policy": "account-opening"},
        database=place.state("bank_x") / "verifier.sqlite",
        kept="SELECT id FROM application",
    )


DESKS = pytest.mark.parametrize("desk_of", [bank_a, bank_x], ids=["bank_a", "bank_x"])


@contextmanager
def limited(child: Child, kind: int, soft: int) -> Iterator[None]:
    """Give the running process less of something."""
    assert child.process is not None
    before = resource.prlimit(child.process.pid, kind)
    resource.prlimit(child.process.pid, kind, (soft, before[1]))
    try:
        yield
    finally:
        resource.prlimit(child.process.pid, kind, before)


def told(answer: httpx.Response) -> str:
    """The id of what was taken in."""
    body = answer.json()
    return str(body.get("offer_id") or body.get("id"))


@DESKS
def test_full_disk_is_a_503_and_nothing_is_acknowledged(
    starved: Abroad, desk_of: Callable[[Abroad], Desk]
) -> None:
    desk = desk_of(starved)
    assert desk.post().status_code < 300
    before = desk.rows()
    with limited(desk.child, resource.RLIMIT_FSIZE, 0):
        answers = [desk.post() for _ in range(3)]
        assert [answer.status_code for answer in answers] == [503] * 3
        # A commit that met the full disk in the middle of its bytes cannot know; it never says that nothing was done.
        assert {answer.json()["error"] for answer in answers} <= {"upstream_unavailable", "outcome_unknown"}
        assert desk.rows() == before
    after = desk.post()
    assert after.status_code < 300
    assert desk.rows() == before | {told(after)}


def test_full_disk_of_the_hub_takes_no_notice_and_the_next_one_counts(starved: Abroad) -> None:
    hub = starved.standing.children["hub"]
    with limited(hub, resource.RLIMIT_FSIZE, 0), pytest.raises(Exception, match=r"hub"):
        starved.police.warn("lai")
    starved.police.warn("lai")
    desk = replace(bank_a(starved), body={"customer": "lai", "credentials": ["proof-of-funds"]})
    assert desk.post().json()["error"] == "fraud_block"
    starved.police.lift("lai")
    eventually(lambda: desk.post().status_code < 300, "the account is released")


@DESKS
def test_without_file_descriptors_it_waits_and_goes_on(
    starved: Abroad, desk_of: Callable[[Abroad], Desk]
) -> None:
    desk = desk_of(starved)
    assert desk.child.process is not None
    held = len(list(Path(f"/proc/{desk.child.process.pid}/fd").iterdir()))
    with ExitStack() as crowd, limited(desk.child, resource.RLIMIT_NOFILE, held + 4):
        for _ in range(40):
            crowd.enter_context(socket.create_connection((LOOPBACK, desk.party.port), timeout=5))
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{desk.party.base_url}/health/live", timeout=1)
        assert desk.child.running
    eventually(lambda: desk.post().status_code < 300, f"{desk.party.name} takes requests again")


@DESKS
def test_lock_held_by_another_for_three_seconds_is_waited_for(
    starved: Abroad, desk_of: Callable[[Abroad], Desk]
) -> None:
    desk = desk_of(starved)
    foreign = sqlite3.connect(desk.database, isolation_level=None, check_same_thread=False)
    foreign.execute("BEGIN IMMEDIATE")
    release = threading.Timer(3.0, foreign.execute, ("ROLLBACK",))
    release.start()
    began = time.monotonic()
    try:
        answer = desk.post()
    finally:
        release.join()
        foreign.close()
    assert answer.status_code < 300
    assert 2.5 < time.monotonic() - began < 5.0
    assert told(answer) in desk.rows()


@DESKS
def test_ended_under_load_everything_acknowledged_is_there(
    starved: Abroad, desk_of: Callable[[Abroad], Desk]
) -> None:
    desk = desk_of(starved)
    acknowledged: list[str] = []
    turned_away = threading.Event()

    def ask() -> None:
        while not turned_away.is_set():
            try:
                answer = desk.post()
            except httpx.TransportError:
                turned_away.set()
            else:
                if answer.status_code < 300:
                    acknowledged.append(told(answer))

    with ThreadPoolExecutor(12) as crowd:
        for _ in range(12):
            crowd.submit(ask)
        eventually(lambda: len(acknowledged) > 12, "a load")
        desk.child.stop()
        turned_away.set()
    assert desk.child.process is not None
    assert desk.child.process.returncode == -signal.SIGTERM  # it ended by itself, after what was under way
    assert set(acknowledged) <= desk.rows()
    desk.child.start()
    desk.child.wait_until_ready()
    assert desk.post().status_code < 300
