"""Whom the default rule and the shapes mark, in generated worlds where it is known who is guilty.

``python -m benchmarks.graph.marked --scale S`` prints the share of clean accounts that each step of the default rule marks,
and for every shape how many planted cases, innocent twins and ordinary accounts it finds.
"""

from __future__ import annotations

import argparse
import sys

from fraud_check.engine import Budget, Method, MoneyFlowGraph, Pattern, Shape, StandingRule
from fraud_check.generate.cases import Role
from fraud_check.generate.world import Scale, Tick, World, generate
from fraud_check.rules import DEFAULT_RULE

HOUR = 3_600_000
DAY = 24 * HOUR


def main(arguments: list[str] | None = None) -> int:
    """Make the world, ask, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.graph.marked", description=__doc__)
    parser.add_argument("--scale", choices=["S", "M"], default="S")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=3, help="the shapes' least number of counterparties")
    asked = parser.parse_args(arguments)
    scale = Scale(asked.scale)
    world = generate(asked.seed, accounts=scale.accounts, transfers=scale.transfers, tick=Tick.SECOND)
    graph = MoneyFlowGraph()
    moved = world.transfers
    graph.append(moved.src, moved.dst, moved.time, moved.amount)
    graph.compact()
    for account, since in world.warnings.items():
        graph.warn(account, since)
    _rules(world, graph, int(moved.time[-1]))
    _shapes(world, graph, asked.size)
    return 0


def _rules(world: World, graph: MoneyFlowGraph, now: int) -> None:
    guilty = {
        one
        for case in world.cases
        if case.guilty
        for one, role in case.roles.items()
        if role not in {Role.VICTIM, Role.COLLECTOR}
    }
    guilty -= world.warnings.keys()
    clean = world.accounts - len(guilty) - len(world.warnings)
    sys.stdout.write(
        f"{world.accounts:,} accounts, {len(world.warnings)} warnings, {len(guilty)} guilty beside them\n"
    )
    sys.stdout.write("| rule | clean accounts marked | guilty accounts marked |\n| --- | --- | --- |\n")
    least, dwell = DEFAULT_RULE.min_amount_minor, (DEFAULT_RULE.dwell_hours or 0) * HOUR
    window = DEFAULT_RULE.window_days * DAY
    for name, rule in (
        ("3 hops, 30 days", StandingRule(window=window)),
        ("… of NT$10,000 or more", StandingRule(window=window, min_amount=least)),
        ("… resting at most 72 h", StandingRule(window=window, min_amount=least, dwell=dwell)),
    ):
        graph.set_rule(rule)
        marked = [one for one in range(world.accounts) if graph.check(one, now).hop]
        _line(name, marked, guilty, clean)
    rule = StandingRule(window=window, min_amount=least, dwell=dwell)
    budget = Budget(max_reads=5_000_000, max_seconds=0.2)
    enough = []
    for one in marked:
        tainted = graph.account_taint(one, Method.HAIRCUT, rule.question(now), budget=budget).received
        if tainted is None or tainted >= DEFAULT_RULE.min_tainted_minor:
            enough.append(one)
    _line("… haircut of NT$10,000 or more (the default rule)", enough, guilty, clean)


def _line(name: str, marked: list[int], guilty: set[int], clean: int) -> None:
    caught = len(guilty.intersection(marked))
    others = len(marked) - caught
    sys.stdout.write(
        f"| {name} | {others:,} ({others / clean:.2%}) | {caught} ({caught / len(guilty):.1%}) |\n"
    )
    sys.stdout.flush()


def _shapes(world: World, graph: MoneyFlowGraph, size: int) -> None:
    owner: dict[tuple[int, int, int, int], int] = {}
    for number, case in enumerate(world.cases):
        for src, dst, at, amount in case.transfers:
            owner[src, dst, at - at % Tick.SECOND, amount] = number
    planted = [sum(case.guilty is guilty for case in world.cases) for guilty in (True, False)]
    sys.stdout.write(
        f"\n| shape, {size} or more within 72 h, NT$10,000 or more | found | of a guilty case | of a case or twin | cases found | twins found |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
    )
    for shape in Shape:
        pattern = Pattern(
            shape, window=3 * DAY, size=size, min_amount=1_000_000, max_hops=6, max_degree=1_000
        )
        findings = graph.patterns(pattern, budget=Budget(max_seconds=600.0))
        hit: set[int] = set()
        right = either = 0
        for finding in findings.found:
            # At least half of the evidence belongs to the case, so that it is the case that was found.
            cases = [owner.get((one.src, one.dst, one.time, one.amount)) for one in finding.evidence]
            named = {one for one in cases if one is not None and 2 * cases.count(one) >= len(cases)}
            hit |= named
            either += bool(named)
            right += any(world.cases[one].guilty for one in named)
        guilty = sum(world.cases[one].guilty for one in hit)
        count = max(1, len(findings.found))
        skipped = f", {findings.skipped:,} passed over" if findings.skipped else ""
        cut = f", cut short by {findings.truncated}" if findings.truncated else ""
        sys.stdout.write(
            f"| {shape} | {len(findings.found):,}{skipped}{cut} | {right / count:.2%} | {either / count:.2%} |"
            f" {guilty} of {planted[0]} | {len(hit) - guilty} of {planted[1]} |\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
