"""``make bench-overload``: what issuer, verifier and hub still do at three times what they can.

    .venv/bin/python -m benchmarks.overload [issuer verifier hub] [--seconds 60] [--postgresql] [--draft]

For each service, in a process of its own on a database on disk: its capacity, by callers that each come again as soon as
they were answered; then callers that come at that rate and at three times that rate whether or not they are answered, for
so many seconds, and give up after ten. Limits: at three times the capacity at least 80 % of it is done whole; who is
refused hears so within 50 ms, with JSON and Retry-After; a whole journey takes less than a second again within three;
health is answered throughout. Writes ``docs/performance-overload.md``, unless told that it is a draft; lines about services
that are not named are left as they are.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.hub_in_a_process import cpu_seconds, quantile
from benchmarks.overload_hub import OverloadedHub
from benchmarks.overload_issuer import OverloadedIssuer
from benchmarks.overload_load import Crowd, Tally
from benchmarks.overload_services import Service, port_of, served
from benchmarks.overload_verifier import OverloadedVerifier
from tests.simulators.postgresql import running_postgresql

DOCUMENT = Path(__file__).parents[1] / "docs/performance-overload.md"
SERVICES: dict[str, Callable[[Path, str], Service]] = {
    "issuer": OverloadedIssuer,
    "verifier": OverloadedVerifier,
    "hub": OverloadedHub,
}
TIMES = (1, 3)
LEAST_GOODPUT = 0.8
REFUSED_WITHIN_MS = 50.0
WELL_WITHIN = 3.0
_CALLERS = 12
_MOST_TIMES = 1.6
_WARM_SECONDS, _CAPACITY_SECONDS = 3.0, 12.0


@dataclass(frozen=True, slots=True)
class Found:
    """What one service did."""

    service: Service
    capacity: float
    processor: float
    """Of the service, in milliseconds for each whole journey at capacity."""
    runs: dict[int, Tally]

    @property
    def faults(self) -> list[str]:
        """Which limits do not hold at three times the capacity."""
        tally = self.runs[TIMES[-1]]
        found = []
        if tally.goodput < LEAST_GOODPUT * self.capacity:
            found.append(f"goodput {tally.goodput / self.capacity:.0%} of the capacity")
        if any(not one.with_words for one in tally.refusals):
            found.append("a refusal without JSON or Retry-After")
        if _refused_ms(tally, 0.99) > REFUSED_WITHIN_MS:
            found.append(f"p99 of a refusal {_refused_ms(tally, 0.99):.0f} ms")
        if tally.recovery > WELL_WITHIN:
            found.append(f"well again after {tally.recovery:.1f} s")
        if tally.health_failed:
            found.append(f"health failed {tally.health_failed} times")
        if tally.failed:
            found.append(f"{len(tally.failed)} journeys failed, the first: {tally.failed[0]}")
        return found


def measure(service: Service, folder: Path, seconds: float) -> Found:
    """Capacity, then once and three times as many callers."""
    with served(service, folder) as process:
        crowd = Crowd(port_of(service), service.next_journey, keeps_lines=service.keeps_lines)
        service.prepare(int(service.most_expected * (_WARM_SECONDS + _CAPACITY_SECONDS)))
        asyncio.run(crowd.at_most(_CALLERS, _WARM_SECONDS))
        before = cpu_seconds(process)
        alone = asyncio.run(crowd.at_most(_CALLERS, _CAPACITY_SECONDS))
        if not alone.taken:
            sys.exit(f"{service.name}: no journey was whole: {alone.failed[:3]}")
        processor = (cpu_seconds(process) - before) / len(alone.taken) * 1000
        print(f"{service.name}: {alone.goodput:.1f} whole journeys a second", file=sys.stderr)
        runs = {}
        for times in TIMES:
            rate = times * alone.goodput
            # Who is refused spent nothing, and what was prepared for them serves the next.
            service.prepare(int(min(rate, _MOST_TIMES * alone.goodput) * (seconds + 5)) + 300)
            runs[times] = asyncio.run(crowd.at_rate(rate, seconds))
            print(f"  at {times} times that: {runs[times].goodput:.1f} whole", file=sys.stderr)
    return Found(service, alone.goodput, processor, runs)


def _refused_ms(tally: Tally, part: float) -> float:
    taken = sorted(one.seconds * 1000 for one in tally.refusals)
    return quantile(taken, part) if taken else 0.0


def _journey_ms(tally: Tally, part: float) -> float:
    return quantile(sorted(tally.taken), part) * 1000 if tally.taken else 0.0


def rows(found: Found) -> Iterator[str]:
    """The lines of one service."""
    service = found.service
    for times, tally in found.runs.items():
        refused_late = sum(not one.first_step for one in tally.refusals)
        health = sorted(tally.health)
        yield (
            f"| {service.name} | {times} times | {times * found.capacity:.0f} | {tally.goodput:.1f} | "
            f"**{tally.goodput / found.capacity:.0%}** | {_journey_ms(tally, 0.5):.0f} / {_journey_ms(tally, 0.99):.0f} | "
            f"{len(tally.refusals):,} ({refused_late}) | {_refused_ms(tally, 0.5):.1f} / {_refused_ms(tally, 0.99):.1f} | "
            f"{tally.gave_up} | {tally.begun:,} for {len(tally.taken):,} | {tally.recovery:.1f} | "
            f"{quantile(health, 0.99) * 1000:.0f} ({tally.health_failed}) |"
        )


def _summary(found: Found) -> str:
    return (
        f"* **{found.service.name}**: {found.capacity:.1f} {found.service.whole} a second, "
        f"{found.processor:.1f} ms of its processor each. "
        + ("All limits hold." if not found.faults else f"**Missed: {'; '.join(found.faults)}.**")
    )


def _said(
    name: str, all_found: Sequence[Found], lines: Callable[[Found], Iterable[str]], mark: str
) -> list[str]:
    """A service's lines; those of the page as it is where this run did not name the service."""
    measured = [one for one in all_found if one.service.name == name]
    if measured:
        return list(lines(measured[0]))
    page = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    return [line for line in page.splitlines() if line.startswith(mark)]


def document(all_found: Sequence[Found], seconds: float, *, database: str) -> str:
    """The page."""
    where = (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{database}, load average {os.getloadavg()[0]:.1f} at the end"
    )
    lines = [
        "# What happens at three times the capacity",
        "",
        f"Written by `make bench-overload`: {seconds:.0f} s at each rate; {where}.",
        "",
        "One service at a time, in a process of its own, its ledger simulated in that process. All callers are one process on",
        "the same cores, so capacity is that of the service *beside its callers*: a caller of the issuer signs five key proofs,",
        "one of the verifier two key bindings and an encryption; the hub's questions are signed before the clock starts, and its",
        "callers keep their connections, as banks' clients do; people come on new ones. Who is refused leaves and does not come again. A journey counts when it is whole within ten seconds of when its caller",
        "was due; *handed out* counts first steps that were a yes.",
        "",
    ]
    for name in SERVICES:
        lines += _said(name, all_found, lambda found: [_summary(found)], f"* **{name}**")
    lines += [
        "",
        "| service | load | a second | whole a second | of the capacity | journey p50 / p99 ms | refused (after a first yes) | refusal p50 / p99 ms | gave up | handed out for whole | well again after s | health p99 ms (failed) |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(line for name in SERVICES for line in _said(name, all_found, rows, f"| {name} |")),
        "",
        f"Limits at three times: at least {LEAST_GOODPUT:.0%} of the capacity, refusals within {REFUSED_WITHIN_MS:.0f} ms with JSON and",
        f"`Retry-After`, well again (a whole journey within a second) in {WELL_WITHIN:.0f} s, health always answered.",
        "",
    ]
    return "\n".join(lines)


@contextmanager
def database_of(name: str, *, postgresql: bool) -> Iterator[str]:
    """The URL of a database for one service; empty for a SQLite file of its own."""
    with running_postgresql(f"overload_{name}") if postgresql else nullcontext() as server:
        yield "" if server is None else server.url


def main() -> int:
    """Measure, print, write; say whether the limits hold."""
    parser = argparse.ArgumentParser(description="issuer, verifier and hub at three times their capacity")
    parser.add_argument("services", nargs="*", choices=[*SERVICES, []], default=[])
    parser.add_argument("--seconds", type=float, default=60.0, help="at each rate")
    parser.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    parser.add_argument("--draft", action="store_true", help="print only; write no document")
    asked = parser.parse_args()
    found = []
    for name in asked.services or SERVICES:
        with (
            tempfile.TemporaryDirectory(prefix="financial-passport-overload-") as folder,
            database_of(name, postgresql=asked.postgresql) as url,
        ):
            found.append(measure(SERVICES[name](Path(folder), url), Path(folder), asked.seconds))
    database = "PostgreSQL" if asked.postgresql else "SQLite"
    text = document(found, asked.seconds, database=database)
    if not asked.draft:
        DOCUMENT.write_text(text, encoding="utf-8")
    print(text)
    return 1 if any(one.faults for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
