"""``make bench``: machine time of the journey and of each step, and the latencies of a notice, over 20 runs.

One world, a wallet of its own for each run, five customers in turn (a one-time code is good once in 30 s; waiting for
the next one is not measured). "Machine time" is what the processes take while nobody reads or types. The limits are
the issue's: the journey's p95 under 5 s, each latency's p95 under 2 s. Writes ``docs/performance-journey.md``.
"""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from passport.errors import PassportError, Rejected
from sandbox.journey import ALL_STEPS
from sandbox.journey.running import Journey, Report
from sandbox.journey.stage import Stage, set_stage
from sandbox.standing_world import StandingWorld, standing_world

DOCUMENT = Path(__file__).parents[1] / "docs/performance-journey.md"
RUNS = 20
# Whose accounts are all at bank A: another bank would have to say that the cause is gone there.
CUSTOMERS = ("lin", "kuo", "lai", "ho", "wang")
CODE_SECONDS = 31.0
JOURNEY_LIMIT_MS = 5_000.0
NOTICE_LIMIT_MS = 2_000.0


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least ``share`` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]


def play(standing: StandingWorld, run: int, last_sign_in: dict[str, float]) -> Report:
    """One journey, with the person's account released again at its end."""
    person = CUSTOMERS[run % len(CUSTOMERS)]
    time.sleep(max(0.0, last_sign_in.get(person, 0.0) + CODE_SECONDS - time.monotonic()))
    with set_stage(standing) as stage:
        stage.person, stage.wallet_name = person, f"run-{run:02d}"
        report = Report(expected=len(ALL_STEPS))
        for outcome in Journey(ALL_STEPS, stage).run(report):
            if outcome.number == "3":
                last_sign_in[person] = time.monotonic()
            if not outcome.ok:
                sys.exit(f"run {run}: step {outcome.number} failed: {outcome.refused}")
        report.latencies_ms.update(stage.latencies_ms)
        stage.police.lift(person)
        _end_derived(stage, person)
        return report


def _end_derived(stage: Stage, person: str) -> None:
    """Who has other accounts keeps them derived after a lift, until the bank says that the cause is gone."""
    for _ in range(50):
        try:
            stage.bank_a_officer("officer-1").post(
                "/v1/operator/cause-gone", {"customer": person, "reason": "restriction_ended"}
            )
        except Rejected:
            time.sleep(0.1)  # bank A has not heard of the lift yet
        else:
            return
    sys.exit(f"bank A did not hear that {person} was released")


def table(reports: list[Report]) -> list[str]:
    """p50 and p95 of each step, of the journey, and of both latencies, as Markdown."""
    lines = ["| # | what | p50 ms | p95 ms | limit of p95 |", "| --- | --- | ---: | ---: | --- |"]

    def row(number: str, what: str, values: list[float], limit: float | None = None) -> None:
        p95 = percentile(values, 0.95)
        verdict = "" if limit is None else f"{limit:,.0f} ms: {'met' if p95 < limit else '**missed**'}"
        lines.append(f"| {number} | {what} | {statistics.median(values):,.1f} | {p95:,.1f} | {verdict} |")

    for place, step in enumerate(ALL_STEPS):
        row(step.number, step.does, [report.outcomes[place].milliseconds for report in reports])
    row("", "journey", [sum(o.milliseconds for o in report.outcomes) for report in reports], JOURNEY_LIMIT_MS)
    for name in ("notice_to_refusal_ms", "notice_to_suspended_ms"):
        row("", f"`{name}`", [report.latencies_ms[name] for report in reports], NOTICE_LIMIT_MS)
    return lines


def document(reports: list[Report]) -> str:
    """The page: where it was measured, and the table."""
    where = (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, load average {os.getloadavg()[0]:.1f} at the end"
    )
    return "\n".join(
        [
            "# How long the journey takes",
            "",
            f"Written by `make bench`: {RUNS} journeys through running processes, one after another; {where}.",
            "Machine time: what the processes take while nobody reads or types. A step that is over in a moment was done",
            "within an earlier one and is only looked up (4 and 5 within 3, 12 and 13 within 10).",
            "",
            *table(reports),
            "",
        ]
    )


def main() -> None:
    """Run and print."""
    root = Path(tempfile.mkdtemp(prefix="financial-passport-bench-"))
    began = time.monotonic()
    last_sign_in: dict[str, float] = {}
    reports = []
    try:
        with standing_world(root, say=lambda line: print(f"starting · {line}", file=sys.stderr)) as standing:
            print(f"started in {time.monotonic() - began:.1f} s", file=sys.stderr)
            for run in range(RUNS):
                reports.append(play(standing, run, last_sign_in))
                print(f"run {run + 1} of {RUNS}", file=sys.stderr)
    except PassportError as error:
        sys.exit(f"bench: {error}")
    finally:
        shutil.rmtree(root, ignore_errors=True)
    text = document(reports)
    DOCUMENT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
