"""The engine's rows of ``docs/performance-graph.md``: each measure beside its limit, and what bounds it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.graph.words import ms, us, verdict

Tree = Mapping[str, Any]

#: What bounds the engine, in words: what was tried stands here, so that writing the document anew keeps it.
BOUNDS = (
    "Ingest is bound by rewriting: rows are sorted by payer and by receiver when they come, and put together with others of their size",
    "until few segments are left, 1.6 times each on the way through ten million in batches of 100,000. It was 4.6 M/s there: 60 % went into",
    "merging account by account with a look-up in each source. Now 64 accounts, which are one run of memory in each source, are laid",
    "out at once; merges that would follow one another are made as one; six segments of a size wait for each other instead of four (2.2",
    "rewrites; more would slow questions, which look into each segment); batches are sorted by radix straight from the caller's columns. Of",
    "what is left a seventh to a fifth is the kernel clearing pages, a third laying rows out, a tenth sorting. Instructions of newer processors",
    "(`target-cpu=x86-64-v3`) gained nothing beyond the noise, nor did clearing merged columns 64 accounts at a time instead of whole.",
    "Labels cost little (4 %): most transfers end at one look-up, since their payer is near no warning.",
    "",
    "A question about one account walks backward over what can have paid it, and, if a seed is there, forward from it within those accounts, up",
    "to each one's last payment that led there. A millisecond is some 25,000 transfers read, each somewhere else in memory. Within a month, over",
    "any amount and without a dwell limit, one account in a hundred has more than that behind it: at 6 hops 20,000 are read for the 99th of a",
    "hundred random accounts (35,000 before the forward walk had a bound; with 10,000 seeds 50,000 instead of 180,000), and 126,000 for the 99th",
    "of a hundred accounts within reach of a warning. Two ways out were tried. Going over the transfers of the backward walk once more in order of",
    "time, instead of forward, reads least (13,000 and 89,000), but sorting them costs more than the rows it saves, which lie side by side: on a",
    "shared machine 1.9 ms for the 99th of a hundred random accounts where it was 1.4, sorted by radix or not. Meeting in the middle, at the",
    "cheapest number of hops for each account, which nobody knows before, would read 20,000 and 98,000 (counted, not built). An answer kept",
    "between questions would be stale with the next transfer. A dwell limit used to cost 30 µs a question for clearing one bit a transfer; now",
    "what a question marked is taken back.",
    "",
)


def spreads(ours: Tree) -> list[str]:
    return [
        f"| spread, {hops} hops, p50 | {limit} ms | {ms(ours[name]['p50'])} ms (on the processor {ms(ours[name]['work'])} ms)"
        f" | {verdict(ours[name]['p50'], limit / 1e3)} |"
        for hops, limit in ((4, 4), (6, 10))
        for name in [f"spread {hops}"]
    ]


def hops(ours: Tree) -> list[str]:
    """What each hop adds: transfers read, time, and time for each of them."""
    lines = [
        "| hop | newly reached | newly read | x the hop before | ms more | ns for each read |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    before = {"rows": 0, "reads": 0, "p50": 0.0}
    newly = 0
    for hop in range(1, 7):
        now = ours[f"spread {hop}"]
        read, took = now["reads"] - before["reads"], now["p50"] - before["p50"]
        times = f"{read / newly:.1f}" if newly else ""
        lines.append(
            f"| {hop} | {now['rows'] - before['rows']:,} | {read:,} | {times} | {ms(took)} | {took / read * 1e9:.0f} |"
        )
        before, newly = now, read
    return lines


def one_account(ours: Tree, peers: Tree) -> list[str]:
    labels, rule = ours["labels"], ours["search, the rule"]
    four, mixed = ours["search, 4 hops, any amount"], ours["search, any parameters"]
    widest = ", ".join(f"{hop}: {us(ours[f'search, {hop} hops of everything']['p99'])}" for hop in (5, 6, 8))
    near = ours["labels, reached accounts"]
    within = [ours[f"search, {hop} hops of everything, within reach"] for hop in (4, 6)]
    near_wide = [f"{us(one['p50'])} / {us(one['p99'])}" for one in within]
    return [
        "| one account, the standing rule, 3 hops, with evidence: p50 / p99 | 5 / 30 µs |"
        f" {us(labels['p50'])} / {us(labels['p99'])} | {verdict(max(labels['p50'] / 5, labels['p99'] / 30), 1e-6)} |",
        f"| - the same, only accounts within reach | | {us(near['p50'])} / {us(near['p99'])} | |",
        f"| - PostgreSQL, recursive backward, indexed: p50 / p99 | | {us(peers['one account']['p50'])} /"
        f" {us(peers['one account']['p99'])} | |",
        f"| one account by search, the rule's parameters, p99 | 1 ms | {us(rule['p99'])} (p50 {us(rule['p50'])})"
        f" | {verdict(rule['p99'], 1e-3)} |",
        f"| - 4 hops, any amount, p99 | 1 ms | {us(four['p99'])} (p50 {us(four['p50'])}) | {verdict(four['p99'], 1e-3)} |",
        "| - every mix of 1 to 8 hops, month or week, amount, dwell: p99 | 1 ms |"
        f" {us(mixed['p99'])} (p50 {us(mixed['p50'])}, on the processor {us(mixed['work p99'])}) | {verdict(mixed['p99'], 1e-3)} |",
        f"| - the widest mix alone (the whole month, any amount, no dwell) by hops, p99 | 1 ms | {widest} |"
        f" {verdict(max(ours[f'search, {hop} hops of everything']['p99'] for hop in (5, 6, 8)), 1e-3)} |",
        "| - the same, only accounts within reach of a warning, 4 and 6 hops: p50 / p99 | 1 ms |"
        f" {' and '.join(near_wide)} | {verdict(max(one['p99'] for one in within), 1e-3)} |",
    ]


def warned(ours: Tree) -> list[str]:
    warn = ours["warn"]
    equal = "yes" if ours["equal a rebuild"] else "**no**"
    return [
        f"| a warning whose taint starts 30 days back, p99 | 20 ms | {us(warn['p99'])} (p50 {us(warn['p50'])},"
        f" most {us(warn['max'])}) | {verdict(warn['p99'], 20e-3)} |",
        f"| - a question meanwhile, p99 | | {us(ours['a question meanwhile']['p99'])} | |",
        f"| - labels equal a rebuild | yes | {equal} | {'reached' if ours['equal a rebuild'] else '**not reached**'} |",
    ]


def dwell(ours: Tree, postgres: float) -> list[str]:
    one = ours["dwell"]
    return [
        f"| spread with dwell 72 h, NT$10,000 or more, 6 hops | 3 ms | {ms(one['p50'])} ms (PostgreSQL frontier"
        f" {ms(postgres)} ms) | {verdict(one['p50'], 3e-3)} |"
    ]


def streams(ours: Tree) -> list[str]:
    lines = []
    for batch in ("1,000,000", "100,000"):
        rate = ours[f"ingest by {batch}"]
        lines.append(
            f"| ingest with labels, batches of {batch}: median round | ≥ 10 M/s | {rate['median'] / 1e6:.1f} M/s (best"
            f" {rate['best'] / 1e6:.1f}; for each second on the processor {rate['work'] / 1e6:.1f}) | {verdict(1e7, rate['median'])} |"
        )
    labels, search = ours["labels while a writer appends"], ours["search while a writer appends"]
    return [
        *lines,
        f"| - without labels, by 1,000,000 / all at once | | {ours['ingest without labels']['median'] / 1e6:.1f} /"
        f" {ours['load at once'] / 1e6:.1f} M/s | |",
        "| a question while millions are appended, longest append"
        f" {ms(ours['longest append'])} ms: labels p50 / p99 / most | | {us(labels['p50'])} / {us(labels['p99'])} / {us(labels['max'])} | |",
        f"| - by search, 3 hops, any amount | | {us(search['p50'])} / {us(search['p99'])} / {us(search['max'])} | |",
        f"| an append of one row, p50 / p99 | | {us(ours['one row']['p50'])} / {us(ours['one row']['p99'])} | |",
    ]


def watched(ours: Tree) -> list[str]:
    found = ours["every shape watched"]
    return [
        "| ingest with every shape watched for (24 h, 5 counterparties, NT$10,000) | 0.5 M/s |"
        f" {found['clock']:.2f} M/s (for each second on the processor {found['work']:.2f}) | {verdict(0.5, found['clock'])} |"
    ]


def memory(ours: Tree, accounts: int, transfers: int) -> list[str]:
    """Rows hold amount 8, receiver 4, time 4; then number 4, channel 1; the other direction payer 4, row 4."""
    counted, resident = ours["bytes counted"] / transfers, ours["bytes resident"] / transfers
    limit = 32 + 64 * accounts / transfers
    labels = ours["bytes of labels"]
    beyond = max(counted, resident) - 64 * accounts / transfers
    return [
        f"| memory, all of it for each transfer: counted / resident (limit: 32 B + 64 B an account) | {limit:.1f} B |"
        f" {counted:.1f} / {resident:.1f} B | {verdict(max(counted, resident), limit)} |",
        f"| - beyond 64 B an account | 32 B | {beyond:.1f} B | |",
        f"| - 29 B of it: amount 8, receiver 4, time 4, number 4, channel 1, and back: payer 4, row 4; labels besides | | {labels / 1e6:.1f} MB | |",
    ]


def many(ours: Tree) -> list[str]:
    """The same rows at 10,000 seeds."""
    few, much = ours, ours["with 10,000 seeds"]
    seeds = " of 10,000 seeds"
    lines = ["| measure | 402 | 10,000 |", "| --- | --- | --- |"]
    for hop in range(2, 7):
        one, other = few[f"spread {hop}"], few[f"spread {hop}{seeds}"]
        lines.append(
            f"| spread, {hop} hops: p50, transfers read | {ms(one['p50'])} ms, {one['reads']:,} | {ms(other['p50'])} ms,"
            f" {other['reads']:,} |"
        )
    lines.append(
        f"| spread with dwell, 6 hops | {ms(few['dwell']['p50'])} ms | {ms(few[f'dwell{seeds}']['p50'])} ms |"
    )
    for name, key in (
        ("one account, the standing rule: p50 / p99", "labels"),
        ("- only accounts within reach", "labels, reached accounts"),
        ("one account by search, the rule's parameters", "search, the rule"),
        ("- 4 hops, any amount", "search, 4 hops, any amount"),
        ("- every mix of parameters", "search, any parameters"),
        ("a warning whose taint starts 30 days back", "warn"),
    ):
        one, other = few[key], much[key]
        lines.append(
            f"| {name} | {us(one['p50'])} / {us(one['p99'])} | {us(other['p50'])} / {us(other['p99'])} |"
        )
    batch = "ingest by 1,000,000"
    lines.append(
        f"| ingest with labels by 1,000,000 | {few[batch]['median'] / 1e6:.1f} M/s | {much[batch]['median'] / 1e6:.1f} M/s |"
    )
    return lines
