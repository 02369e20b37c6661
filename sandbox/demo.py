"""``make demo``: makes a world, plays the journey, prints each step with its evidence, and stops everything."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from sandbox.journey import ALL_STEPS
from sandbox.journey.running import Between, Journey, Outcome, Report, as_it_is
from sandbox.journey.stage import Stage, set_stage
from sandbox.standing_world import standing_world
from sandbox.world import ACCOUNTS, TRANSFERS


def run_demo(
    root: Path,
    *,
    as_json: bool,
    accounts: int = ACCOUNTS,
    transfers: int = TRANSFERS,
    between: Between[Stage] = as_it_is,
) -> bool:
    """Play the journey in a new world under ``root``; returns whether every step's evidence was checked.

    A test asks for a smaller crowd, and spoils evidence ``between`` acting and checking.

    Raises:
        Misconfigured: the world could not be started.
    """

    def say(line: str) -> None:
        if not as_json:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()

    began = time.monotonic()
    say("A person in Taiwan opens an account abroad. All people and banks are invented.\n")
    report = Report(expected=len(ALL_STEPS))
    with (
        standing_world(
            root, say=lambda line: say(f"  starting · {line}"), accounts=accounts, transfers=transfers
        ) as standing,
        set_stage(standing) as stage,
    ):
        say(f"  started in {time.monotonic() - began:.1f} s\n")
        for outcome in Journey(ALL_STEPS, stage, between=between).run(report):
            say(_line(outcome))
        report.latencies_ms.update(stage.latencies_ms)
    say("\nEvery step's evidence was checked." if report.ok else "\nThe journey did not end well.")
    if as_json:
        sys.stdout.write(report.to_json() + "\n")
    return report.ok


def _line(outcome: Outcome) -> str:
    head = f"{outcome.number:>4}  {outcome.actor:<16} {outcome.does}"
    time_taken = f"{outcome.milliseconds:>7.0f} ms"
    if outcome.evidence is None:
        return f"{head}\n      {time_taken}  failed: {outcome.refused}"
    evidence = f"{outcome.evidence.kind}: {outcome.evidence.says} · sha-256 {outcome.evidence.sha256[:16]}"
    verdict = f"refused: {outcome.refused}" if outcome.refused else "checked"
    return f"{head}\n      {time_taken}  {verdict} · {evidence}"
