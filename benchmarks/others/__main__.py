"""``make bench-graph-others``: each system beside the engine; writes ``docs/performance-graph-others.md``."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.graph.answers import digest
from benchmarks.graph.data import Data, make
from benchmarks.others.systems import HOPS, accounts
from fraud_check.engine import MoneyFlowGraph, Question, Seeds
from fraud_check.generate import Scale

ROOT = Path(__file__).parents[2]
PEERS = ROOT / ".peers" / "bin" / "python"
EXACT, ONE_START, NO_TIME = "the same question", "one start for all seeds", "time ignored"
ASKED = {
    "ladybug": (
        EXACT,
        "LadybugDB",
        "A Cypher query for each hop, the frontier between them in NumPy: its own recursive patterns cannot say that a"
        " transfer comes after the one before. No tainted amount.",
    ),
    "raphtory": (
        ONE_START,
        "Raphtory",
        "`temporally_reachable_nodes`: paths in time, but one start for all seeds (here the earliest), and"
        " neither a window's end nor a dwell limit or amounts; the answer is taken out through a Parquet file. Of version 0.17 a chain"
        " of four transfers shows why it finds more: asked for 1 hop it gives all four, and it follows a transfer of the same moment"
        " as the arrival, although its documentation says strictly later; and its count differs a little from run to run.",
    ),
    "igraph": (
        NO_TIME,
        "igraph",
        "`neighborhood` of a node that pays all seeds. Knows no time: who is reached by any chain of transfers.",
    ),
    "networkit": (
        NO_TIME,
        "networkit",
        "`BFS`, one thread, from such a node. Knows no time; has no limit of hops, so it always searches all.",
    ),
    "rustworkx": (
        NO_TIME,
        "rustworkx",
        "`bfs_layers` from all seeds. Knows no time; has no limit of hops; the answer is lists of Python integers.",
    ),
}


def ignoring_time(data: Data) -> dict[int, dict[str, object]]:
    """Who is reached by any chain of transfers: a slow and obvious search."""
    order = np.argsort(data.src, kind="stable")
    dst, starts = data.dst[order], np.searchsorted(data.src[order], np.arange(data.accounts + 1))
    reached = np.zeros(data.accounts, dtype=bool)
    frontier = data.seed_accounts.astype(np.int64)
    reached[frontier] = True
    found = {}
    for hop in range(1, max(HOPS) + 1):
        paid = [dst[starts[account] : starts[account + 1]] for account in frontier]
        fresh = np.unique(np.concatenate(paid)).astype(np.int64)
        frontier = fresh[~reached[fresh]]
        reached[frontier] = True
        found[hop] = accounts(np.flatnonzero(reached))
    return found


def engine(data: Data) -> dict[str, dict[int, dict[str, Any]]]:
    """The engine's answers to the same question and to the one with one start, and its times."""
    graph = MoneyFlowGraph()
    graph.append(data.src, data.dst, data.time, data.amount)
    graph.compact()
    starts = np.full(len(data.seed_times), data.seed_times.min())
    found: dict[str, dict[int, dict[str, Any]]] = {EXACT: {}, ONE_START: {}}
    for asked, times in ((EXACT, data.seed_times), (ONE_START, starts)):
        seeds = Seeds.from_columns(data.seed_accounts, times)
        for hops in HOPS:
            seconds = []
            for _ in range(11):
                began = time.process_time()
                spread = graph.spread(Question(max_hops=hops), seeds=seeds)
                seconds.append(time.process_time() - began)
            columns = (spread.accounts, spread.hops, spread.arrivals, spread.earliest)
            answer = accounts(spread.accounts)
            if asked is EXACT:
                answer["digest"] = digest(*(column.astype(np.int64) for column in columns))
            found[asked][hops] = {**answer, "seconds": sorted(seconds)}
    return found


def row(
    name: str, hops: int, said: Mapping[str, Any], right: Mapping[str, Any], ours: Mapping[str, Any]
) -> str:
    answer = said[f"{hops} hops"]
    middle = answer["seconds"][len(answer["seconds"]) // 2]
    own = ours["seconds"][len(ours["seconds"]) // 2]
    equal = "equal" if answer["digest"] == right["digest"] else f"**{right['accounts']:,} expected**"
    return (
        f"| {ASKED[name][1]} {said['version']} | {ASKED[name][0]} | {hops} | {middle * 1e3:,.1f} | {own * 1e3:.2f} | {middle / own:,.0f}x |"
        f" {answer['accounts']:,} | {equal} |"
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.others", description=__doc__)
    parser.add_argument("--scale", choices=["S", "M"], default="S")
    parser.add_argument("--patience", type=int, default=900, help="the most seconds for one system")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "performance-graph-others.md")
    asked = parser.parse_args()
    scale = Scale(asked.scale)
    rows, costs = [], []
    load = [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory(prefix="bench-others-") as directory:
        place = Path(directory) / "data.npz"
        data = make(scale, place)
        ours = engine(data)
        expected = {**ours, NO_TIME: ignoring_time(data)}
        for name, (question, title, _) in ASKED.items():
            sys.stderr.write(f"{title} ...\n")
            out = Path(directory) / f"{name}.json"
            command: list[Path | str] = [
                PEERS,
                ROOT / "benchmarks" / "others" / "systems.py",
                name,
                place,
                out,
            ]
            try:
                subprocess.run(command, check=True, timeout=asked.patience)  # noqa: S603 - our own script
            except (subprocess.SubprocessError, OSError) as error:
                rows.append(f"| {title} | {question} | | **{type(error).__name__}** | | | | |")
                continue
            said = json.loads(out.read_text())
            beside = ours[EXACT if question == NO_TIME else question]
            rows += [row(name, hops, said, expected[question][hops], beside[hops]) for hops in HOPS]
            costs.append(f"| {title} | {said['load seconds']:.1f} | {said['bytes a transfer']:,.0f} |")
    load.append(os.getloadavg()[0])
    asked.out.write_text(
        "\n".join([*_head(scale, load, len(data.seed_times)), *rows, *_tail(ours, expected), *costs, ""])
    )
    sys.stdout.write(f"{asked.out}\n")
    return 0


def _head(scale: Scale, load: list[float], seeds: int) -> list[str]:
    busy = "quiet" if max(load) < 1.5 else "**shared with other work**"
    return [
        "# Graph systems that answer another question",
        "",
        "Written by `make bench-graph-others`, now and then; what runs beside the engine every time is in",
        "[`performance-graph.md`](performance-graph.md). Each system comes from PyPI, into an environment of its own",
        "(`benchmarks/others/requirements.lock`), and is asked what it can be asked that comes nearest. Its answer is compared: with the",
        "engine's to the same question, or, where time is ignored, with a slow and obvious search that ignores time too.",
        "",
        f"* {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Linux {platform.release()}, Python {platform.python_version()};"
        f" load average {load[0]:.1f} before and {load[1]:.1f} after: the machine was {busy}; times are processor time, of all threads, which"
        " waiting does not inflate",
        f"* scale {scale}: {scale.accounts:,} accounts, {scale.transfers:,} transfers, {seeds} seeds, `fraud_check.generate` seed 1; median of 3"
        " asked after one that is not counted, the engine's of 11",
        "",
        "| system | asked | hops | ms | engine, ms | | accounts | its answer |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]


def _tail(ours: Mapping[str, Any], expected: Mapping[str, Any]) -> list[str]:
    many = ", ".join(
        f"{expected[NO_TIME][hops]['accounts'] / ours[EXACT][hops]['accounts']:.1f}x at {hops} hops"
        for hops in HOPS
    )
    return [
        "",
        f"Ignoring time finds too many accounts: {many}.",
        "",
        "## How each was asked",
        "",
        *(f"* **{title}** ({question}): {how}" for question, title, how in ASKED.values()),
        "",
        "## Loading",
        "",
        "| system | seconds | resident bytes a transfer |",
        "| --- | --- | --- |",
    ]


if __name__ == "__main__":
    raise SystemExit(main())
