"""The engine's spreads beside the peers': times, ratios, and from hop to hop, for data of one kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

from benchmarks.graph.words import ms, verdict

Tree = Mapping[str, Any]

HOPS = (2, 3, 4, 5, 6)
POSTGRES = ("PostgreSQL UNION", "PostgreSQL UNION ALL", "PostgreSQL frontier")
#: How many times slower than the engine each is to be at 6 hops.
WANTED = {"PostgreSQL UNION": 400, "PostgreSQL UNION ALL": 1_900, "PostgreSQL frontier": 95}

#: Why a hop costs what it costs. It stands here, so that writing the document anew keeps it.
GROWTH = (
    "The engine reads a transfer at most once over all hops, so its time follows the transfers that lie within reach, and the nanoseconds for",
    "each read hardly change with the hops. Where one more hop brings three times as many transfers into reach, as the third does with 1.8",
    "transfers per pair (the warnings' money meets the large receivers there), the time grows as much: to stay below 2.5x there, a read at the",
    "third hop would have to cost less than one at the second, where it costs what memory costs already. With 7.8 per pair the same number of",
    "transfers leads to fewer accounts, and no hop brings that much.",
    "",
    "PostgreSQL's recursions make rows instead: UNION one for every distinct (account, hop, arrival), UNION ALL one for every walk, however often",
    "an account was reached before. Their ratio to the engine is how many rows they make for each transfer that it reads, times what a row costs",
    "them beside what a read costs here. The limits are from data on which UNION took 3.9 s and UNION ALL 18.2 s where a frontier table took",
    "0.9 s, which is how many walks there were for each transfer within reach. A row cannot be made to cost PostgreSQL more, nor a read here",
    "much less than memory costs, so what is not reached above is the data's: neither mode of the generator has as many walks as that.",
    "",
)


class Beside:
    """One kind of data: what the engine took, and what its peers took for the same answers."""

    def __init__(self, ours: Tree, peers: Tree, per_pair: str) -> None:
        self.ours, self.per_pair = ours, per_pair
        self.theirs: dict[tuple[str, int], Tree] = {
            (one["name"], one["hops"]): one for one in peers["spreads"]
        }
        self.walked: Mapping[str, Sequence[int]] = peers["walked"]

    def table(self, names: Sequence[str]) -> list[str]:
        """Median and range, a row for each number of hops."""
        lines = ["| hops | accounts | transfers read | engine | " + " | ".join(names) + " |"]
        lines += ["| --- " * (4 + len(names)) + "|"]
        for hops in HOPS:
            own = self.ours[f"spread {hops}"]
            cells = [f"{own['rows']:,}", f"{own['reads']:,}", _range(own["p50"], own["min"], own["max"])]
            cells += [_theirs(self.theirs[name, hops]) for name in names]
            lines.append(f"| {hops} | " + " | ".join(cells) + " |")
        return lines

    def ratios(self) -> list[str]:
        """How many times slower PostgreSQL is, beside how many times it was to be."""
        rows = []
        for name, limit in WANTED.items():
            one = self.theirs[name, 6]
            ratio = one["p50"] / self.ours["spread 6"]["p50"]
            more = "more than " if one["broken off"] else ""
            rows.append(
                f"| against {name}, 6 hops, {self.per_pair} per pair | ≥ {limit:,}x | {more}{ratio:,.0f}x |"
                f" {verdict(limit, ratio)} |"
            )
        return rows

    def growth(self) -> list[str]:
        """What another hop costs, beside what it costs PostgreSQL, and beside what it reads."""
        times = _growth([self.ours[f"spread {hops}"]["p50"] for hops in HOPS])
        reads = _growth([self.ours[f"spread {hops}"]["reads"] for hops in HOPS])
        theirs = {name: self._growth_of(name) for name in POSTGRES}

        def both(of: str, pick: Any) -> str:
            names = ", ".join(
                f"{name.removeprefix('PostgreSQL ')} {pick(one):.1f}x" for name, one in theirs.items()
            )
            return f"{of}; PostgreSQL {names}"

        return [
            f"| growth per hop, 2 to 6, {self.per_pair} per pair: the greatest | ≤ 2.5x |"
            f" {both(f'{max(times):.2f}x, transfers read {max(reads):.2f}x', max)} | {verdict(max(times), 2.5)} |",
            f"| - the mean of the four | | {both(f'{_mean(times):.2f}x, transfers read {_mean(reads):.2f}x', _mean)} | |",
        ]

    def hops(self) -> list[str]:
        """What is read for each number of hops, and how many rows the recursions make of it."""
        lines = [
            "| hops | the engine reads | x | UNION makes | x | UNION ALL makes | x | engine, ns a read | UNION, ns a row |",
            "| --- " * 9 + "|",
        ]
        made = {union: [0, *accumulate(counts)] for union, counts in self.walked.items()}
        for hops in HOPS:
            reads = [self.ours[f"spread {at}"]["reads"] for at in (hops - 1, hops)]
            cells = [f"{reads[1]:,}", f"{reads[1] / reads[0]:.2f}"]
            for union in ("UNION", "UNION ALL"):
                rows = made[union][hops - 1 : hops + 1]
                cells += [f"{rows[1]:,}", f"{rows[1] / rows[0]:.2f}"] if len(rows) == 2 else ["too many", ""]
            cells.append(f"{self.ours[f'spread {hops}']['p50'] / reads[1] * 1e9:.0f}")
            rows = made["UNION"][hops : hops + 1]
            took = self.theirs["PostgreSQL UNION", hops]["p50"]
            cells.append(f"{took / rows[0] * 1e9:,.0f}" if rows else "")
            lines.append(f"| {hops} | " + " | ".join(cells) + " |")
        return lines

    def rows_for_a_read(self) -> str:
        """What the ratios are made of, in a sentence."""
        six = self.ours["spread 6"]
        parts = []
        for union in ("UNION", "UNION ALL"):
            rows, took = sum(self.walked[union]), self.theirs[f"PostgreSQL {union}", 6]["p50"]
            if rows:
                parts.append(f"{union} makes {rows / six['reads']:.1f} rows at {took / rows * 1e6:.1f} µs")
        read = six["p50"] / six["reads"] * 1e9
        return (
            f"Within 6 hops and with {self.per_pair} transfers per pair, for each transfer that the engine reads in {read:.0f} ns"
            f" {' and '.join(parts)}."
        )

    def _growth_of(self, name: str) -> list[float]:
        return _growth([self.theirs[name, hops]["p50"] for hops in HOPS])


def _theirs(one: Tree) -> str:
    return (
        f"more than {ms(one['p50'])}" if one["broken off"] else _range(one["p50"], one["least"], one["most"])
    )


def _range(middle: float, least: float, most: float) -> str:
    return f"{ms(middle)} ({ms(least)}-{ms(most)})"


def _growth(values: Sequence[float]) -> list[float]:
    return [later / earlier for earlier, later in pairwise(values)]


def _mean(ratios: Sequence[float]) -> float:
    product = 1.0
    for ratio in ratios:
        product *= ratio
    return float(product ** (1 / len(ratios)))
