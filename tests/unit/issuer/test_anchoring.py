"""Batches: padded, sealed once, anchored once, whatever happens in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from issuer.offer import Configuration
from issuer.storage.anchors import AnchorStore
from issuer.storage.tables import LeafRow
from issuer.use_cases.anchor_batches import AnchorBatches
from issuer.wiring import MIGRATIONS
from passport.anchor import LeafFile
from passport.clock import to_epoch
from passport.errors import Unavailable
from passport.identifiers import PROOF_OF_FUNDS, Address
from passport.registry import schema_id
from service import faults
from service.database import Database
from service.migrations import upgrade
from service.profile import Profile
from service.system import SystemEntropy
from tests.simulators.issuer_ledger import SimulatedLedger

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
SIZE = 16
Fill = Callable[..., list[bytes]]


class StandingClock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'anchors.sqlite'}")
    upgrade(opened, MIGRATIONS)
    yield opened
    opened.close()


@pytest.fixture
def store(database: Database) -> AnchorStore:
    return AnchorStore(database)


@pytest.fixture
def ledger() -> SimulatedLedger:
    return SimulatedLedger(Address("0x" + "ab" * 20))


@pytest.fixture
def fill(database: Database) -> Fill:
    def add(count: int, created_at: datetime = NOW) -> list[bytes]:
        leaves = [SystemEntropy().token(32) for _ in range(count)]

        def work(session: Session) -> None:
            for leaf in leaves:
                session.add(
                    LeafRow(
                        leaf=leaf, configuration=Configuration.PROOF_OF_FUNDS, created_at=to_epoch(created_at)
                    )
                )

        database.write(work)
        return leaves

    return add


@pytest.fixture
def anchoring(store: AnchorStore, ledger: SimulatedLedger, clock: StandingClock) -> AnchorBatches:
    return AnchorBatches(store=store, ledger=ledger, clock=clock, entropy=SystemEntropy(), batch_size=SIZE)


@pytest.fixture
def crash() -> Iterator[Callable[[str], None]]:
    """A fault point that raises instead of killing, so that the test outlives it."""

    def arm(name: str) -> None:
        faults.install(faults.InsecureFaultPoints(f"{name}=enospc", profile=Profile.SANDBOX))

    yield arm
    faults.install(None)


def anchored_leaves(store: AnchorStore, ledger: SimulatedLedger) -> list[bytes]:
    found: list[bytes] = []
    for record in ledger.anchors:
        content = store.leaf_file(record.root)
        assert content is not None
        found += LeafFile.parse(content, root=record.root, size=record.size).tree.leaves
    return found


@pytest.mark.parametrize(("count", "batches"), [(1, 1), (SIZE, 1), (SIZE + 1, 2), (3 * SIZE, 3)])
def test_every_batch_has_the_same_size_whatever_waits(  # noqa: PLR0917 - fixtures
    anchoring: AnchorBatches,
    store: AnchorStore,
    ledger: SimulatedLedger,
    fill: Fill,
    count: int,
    batches: int,
) -> None:
    leaves = fill(count)
    assert anchoring.tick() == batches
    assert [one.size for one in ledger.anchors] == [SIZE] * batches
    assert {one.schema for one in ledger.anchors} == {schema_id(PROOF_OF_FUNDS)}
    assert set(leaves) <= set(anchored_leaves(store, ledger))
    assert anchoring.tick() == 0


def test_an_empty_tick_asks_the_ledger_nothing(anchoring: AnchorBatches, ledger: SimulatedLedger) -> None:
    assert anchoring.tick() == 0
    assert ledger.calls == 0


@pytest.mark.parametrize("point", ["anchor.after_seal", "anchor.after_send"])
def test_a_crash_leads_to_no_second_root(  # noqa: PLR0917 - fixtures
    anchoring: AnchorBatches,
    store: AnchorStore,
    ledger: SimulatedLedger,
    fill: Fill,
    crash: Callable[[str], None],
    point: str,
) -> None:
    leaves = fill(3)
    crash(point)
    with pytest.raises(OSError, match="space"):
        anchoring.tick()
    faults.install(None)
    assert anchoring.tick() == 1
    assert anchoring.tick() == 0
    assert len(ledger.anchors) == 1
    assert sorted(one for one in anchored_leaves(store, ledger) if one in leaves) == sorted(leaves)


def test_a_lost_answer_is_asked_for_again(
    anchoring: AnchorBatches, store: AnchorStore, ledger: SimulatedLedger, fill: Fill
) -> None:
    fill(2)
    ledger.lose_answers = 1
    with pytest.raises(Unavailable):
        anchoring.tick()
    assert anchoring.tick() == 1
    assert len(ledger.anchors) == 1
    assert store.sealed() == ()


def test_ledger_down_keeps_the_leaves_and_raises_the_alarm_after_the_promise(
    anchoring: AnchorBatches, ledger: SimulatedLedger, fill: Fill, clock: StandingClock
) -> None:
    fill(1)
    ledger.down = True
    with pytest.raises(Unavailable):
        anchoring.tick()
    clock.at += timedelta(seconds=60)
    anchoring.check()
    clock.at += timedelta(seconds=1)
    with pytest.raises(Unavailable):
        anchoring.check()
    ledger.down = False
    assert anchoring.tick() == 1
    anchoring.check()


def test_without_a_grant_nothing_is_anchored(
    anchoring: AnchorBatches, ledger: SimulatedLedger, fill: Fill
) -> None:
    fill(1)
    ledger.granted = False
    assert anchoring.tick() == 0
    ledger.granted = True
    assert anchoring.tick() == 1


def test_a_batch_sealed_under_a_lapsed_grant_goes_under_the_new_one(
    anchoring: AnchorBatches, ledger: SimulatedLedger, fill: Fill, crash: Callable[[str], None]
) -> None:
    fill(1)
    crash("anchor.after_seal")
    with pytest.raises(OSError, match="space"):
        anchoring.tick()
    faults.install(None)
    ledger.grant_number = 8
    anchoring.tick()
    assert anchoring.tick() == 1
    assert [one.grant_number for one in ledger.anchors] == [8]


def test_two_workers_at_once_anchor_every_leaf_once(
    tmp_path: Path, database: Database, store: AnchorStore, ledger: SimulatedLedger, fill: Fill
) -> None:
    another = Database(f"sqlite:///{tmp_path / 'anchors.sqlite'}")
    workers = [
        AnchorBatches(
            store=AnchorStore(one),
            ledger=ledger,
            clock=StandingClock(),
            entropy=SystemEntropy(),
            batch_size=SIZE,
        )
        for one in (database, another)
    ]
    together = threading.Barrier(len(workers))

    def work(worker: AnchorBatches) -> None:
        for _ in range(6):
            together.wait(timeout=30)
            worker.tick()

    expected = fill(4 * SIZE + 3)
    with ThreadPoolExecutor(len(workers)) as both:
        running = [both.submit(work, worker) for worker in workers]
        expected += [leaf for _ in range(5) for leaf in fill(SIZE // 2)]
        for one in running:
            one.result()
    workers[0].tick()
    another.close()
    found = anchored_leaves(store, ledger)
    assert len(found) == len(set(found)) == SIZE * len(ledger.anchors)
    assert set(expected) <= set(found)
    assert store.waiting() == ()
    assert store.sealed() == ()


def test_after_a_halt_the_oldest_leaves_are_anchored_first(
    anchoring: AnchorBatches, store: AnchorStore, ledger: SimulatedLedger, fill: Fill
) -> None:
    young = fill(SIZE, NOW)
    old = fill(SIZE, NOW - timedelta(hours=2))
    between = fill(SIZE, NOW - timedelta(hours=1))
    ledger.down = True
    with pytest.raises(Unavailable):
        anchoring.tick()
    ledger.down = False
    anchoring.tick()
    found = anchored_leaves(store, ledger)
    in_time = [set(found[at : at + SIZE]) for at in range(0, 3 * SIZE, SIZE)]
    assert in_time == [set(old), set(between), set(young)]
