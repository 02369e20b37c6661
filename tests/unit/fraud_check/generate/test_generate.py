"""The generator's statistics are promises; so they are measured here on what it makes, at scale S."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from fraud_check.generate import Role, Scale, Shape, Tick, World, generate
from fraud_check.generate.__main__ import main

PER_PAIR = (1.8, 7.8)
HOUR = 3_600_000


@pytest.fixture(scope="module", params=PER_PAIR)
def world(request: pytest.FixtureRequest) -> World:
    scale = Scale.S
    return generate(7, accounts=scale.accounts, transfers=scale.transfers, per_pair=request.param)


def pairs(world: World) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    keys = np.unique(world.transfers.src.astype(np.int64) * world.accounts + world.transfers.dst)
    return keys // world.accounts, keys % world.accounts


def exponent(degrees: NDArray[np.int64]) -> float:
    """The slope of the density over doubling bins from 8 to 256 counterparties."""
    edges = 2 ** np.arange(3, 9)
    counts, _ = np.histogram(degrees, bins=edges)
    middles = np.sqrt(edges[:-1] * edges[1:].astype(float))
    slope, _ = np.polyfit(np.log(middles), np.log(counts / np.diff(edges)), 1, w=np.sqrt(counts))
    return float(slope)


def test_degrees_have_heavy_tails(world: World) -> None:
    src, dst = pairs(world)
    assert -2.3 <= exponent(np.bincount(dst, minlength=world.accounts)) <= -2.1
    assert -2.3 <= exponent(np.bincount(src, minlength=world.accounts)) <= -1.7


def test_transfers_per_ordered_pair(world: World) -> None:
    ratio = len(world.transfers.src) / len(pairs(world)[0])
    assert min(abs(ratio - wanted) for wanted in PER_PAIR) < 0.1


def test_a_quarter_of_accounts_only_receives(world: World) -> None:
    paying = np.bincount(world.transfers.src, minlength=world.accounts) > 0
    assert 0.2 <= 1 - paying.mean() <= 0.3


def test_top_sink_gets_its_share(world: World) -> None:
    assert 0.001 <= np.bincount(world.transfers.dst).max() / len(world.transfers.dst) <= 0.002


def test_people_pay_by_day_on_weekdays_and_on_paydays(world: World) -> None:
    local = world.transfers.time + 8 * HOUR
    hours = np.bincount(local // HOUR % 24, minlength=24)
    assert hours[10:20].min() > 5 * hours[1:5].max()
    days = Counter((local // (24 * HOUR)).tolist())
    dates = {datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day): count for day, count in days.items()}
    ordinary = np.mean([n for day, n in dates.items() if day.weekday() < 5 and day.day not in {5, 10, 25}])
    weekend = np.mean([n for day, n in dates.items() if day.weekday() >= 5])
    payday = np.mean([n for day, n in dates.items() if day.weekday() < 5 and day.day in {5, 10, 25}])
    assert weekend < 0.7 * ordinary < ordinary * 1.5 < payday


def test_columns_are_ordered_and_in_range(world: World) -> None:
    transfers = world.transfers
    assert np.all(np.diff(transfers.time) >= 0)
    assert transfers.amount.min() > 0
    assert max(transfers.src.max(), transfers.dst.max()) < world.accounts
    assert not np.any(transfers.src == transfers.dst)
    assert len(transfers.src) == 1_000_000


def test_planted_cases_have_every_trait(world: World) -> None:
    guilty = [case for case in world.cases if case.guilty]
    assert len(guilty) == len(world.warnings) == 50
    assert {case.layers for case in guilty} == {2, 3, 4, 5}
    assert {case.shape for case in guilty} == set(Shape)
    roles = Counter(role for case in guilty for role in case.roles.values())
    assert all(roles[role] > 5 for role in Role)
    takes_part = Counter(
        account for case in guilty for account, role in case.roles.items() if role is Role.MULE
    )
    assert max(takes_part.values()) > 1, "some mules serve several cases"
    just_below = [row for case in guilty for row in case.transfers if 0.97 * 3_000_000 < row[3] < 3_000_000]
    assert len(just_below) > 10, "structuring keeps below the limit"
    rests = [
        row[2] - max(other[2] for other in case.transfers if other[1] == row[0] and other[2] < row[2])
        for case in guilty
        for row in case.transfers
        if case.roles[row[0]] is Role.SLEEPER
    ]
    assert rests
    assert min(rests) > 72 * HOUR, "sleepers outlast the dwell limit of the default rule"


def test_every_pattern_has_innocent_twins_with_amounts_alike(world: World) -> None:
    sides = {guilty: [case for case in world.cases if case.guilty is guilty] for guilty in (True, False)}
    assert {case.shape for case in sides[False]} == set(Shape)
    assert {case.layers for case in sides[False]} == {2, 3, 4, 5}
    logs = {
        guilty: [np.log(row[3]) for case in cases for row in case.transfers]
        for guilty, cases in sides.items()
    }
    assert abs(np.mean(logs[True]) - np.mean(logs[False])) < 0.35
    assert abs(np.std(logs[True]) - np.std(logs[False])) < 0.35
    collectors = [case.collector for case in world.cases if not case.guilty]
    assert not set(collectors) & set(world.warnings)


def test_taint_starts_before_the_first_defrauded_inflow(world: World) -> None:
    for case in world.cases:
        assert all(case.taint_from < row[2] for row in case.transfers)


@pytest.mark.parametrize("tick", list(Tick))
def test_ticks_and_seed_decide_everything(tick: Tick) -> None:
    one, same, other = (generate(seed, accounts=1_000, transfers=5_000, tick=tick) for seed in (3, 3, 4))
    assert not np.any(one.transfers.time % tick)
    assert np.array_equal(one.transfers.time, same.transfers.time)
    assert np.array_equal(one.transfers.src, same.transfers.src)
    assert one.cases == same.cases
    assert not np.array_equal(one.transfers.src, other.transfers.src)


@pytest.mark.parametrize(("tick", "kind"), [("s", "int64"), ("ms", "string")])
def test_files_fit_the_analysts_desk(tmp_path: Path, tick: str, kind: str) -> None:
    common = ["--accounts", "1000", "--transfers", "5000", "--seed", "5", "--tick", tick]
    assert main([*common, "--out", str(tmp_path / "a")]) == 0
    transfers = pq.read_table(tmp_path / "a/transfers.parquet")
    assert transfers.column_names == ["src", "dst", "time", "amount"]
    assert (transfers.num_rows, str(transfers["time"].type)) == (5_000, kind)
    assert pq.read_table(tmp_path / "a/seeds.parquet").column_names == ["account", "time"]
    cases = json.loads((tmp_path / "a/cases.json").read_text())
    assert {case["guilty"] for case in cases} == {True, False}
    assert main([*common, "--format", "csv", "--out", str(tmp_path / "b")]) == 0
    assert (tmp_path / "b/transfers.csv").read_text().startswith("src,dst,time,amount\n")


@pytest.mark.parametrize(
    "asked",
    [
        ["--warnings", "-1"],
        ["--seed", "-1"],
        ["--accounts", "0"],
        ["--transfers", "0"],
        ["--warnings", "900"],
    ],
)
def test_world_that_cannot_be_made_is_refused_in_one_sentence(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["--accounts", "1000", "--out", str(tmp_path / "w")]
    try:
        code: object = main([*common, *asked])
    except SystemExit as ended:
        code = ended.code
    assert code == 2
    assert "expected" in capsys.readouterr().err.splitlines()[-1]
    assert not list(tmp_path.glob("w/*"))
