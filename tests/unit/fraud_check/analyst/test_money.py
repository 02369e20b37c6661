"""Money does not grow in what a prosecutor reads: followed by the unit, no column of a picture has more than the seeds paid."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from random import Random

import pytest

from fraud_check.analyst import Counting, Flow, Following, Source, picture_file, spread_files, trace_account
from fraud_check.engine import Direction
from passport.errors import Malformed

Write = Callable[[str, str], Path]
Row = tuple[str, str, int, int]
HEADER = "src,dst,time,amount\n"
BY_UNIT = (Counting.LIFO, Counting.FIFO, Counting.HAIRCUT)

#: The seed pays 100; the mule has 900 of its own that came later, and pays 1,000 on; so does the next.
GROWS = HEADER + "a,b,10,100\nx,b,11,900\nb,c,20,1000\nc,d,30,1000\n"


@pytest.fixture
def source(write: Write) -> Source:
    return Source(write("t.csv", GROWS), write("s.csv", "account,time\na,0\n"))


#: The seed's one payment goes to and fro between two mules, and on.
ROUND = HEADER + "S,A,10,1000\nA,B,20,1000\nB,A,30,1000\nA,B,40,1000\nB,A,50,1000\nA,C,60,1000\n"


class Units:
    """Every unit of money, a number and a hop: whose it is, and where it went, kept one by one. Last or first in, first out."""

    def __init__(self, rows: list[Row], seeds: dict[str, int], hops: int, counting: Counting) -> None:
        self.seeds, self.hops, self.counting = seeds, hops, counting
        self.held: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self.bands: Counter[tuple[int, str, str]] = Counter()
        #: For each account, which units have been there, and the hop at which each first came.
        self.visits: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self.paid_out = 0
        ordered = sorted((row for row in rows if row[0] != row[1]), key=lambda row: row[2])
        for _, moment in groupby(ordered, key=lambda row: row[2]):
            for (src, dst, *_), units in [(row, self.leave(row)) for row in moment]:
                self.held[dst] += units
                self.bands.update((hop, src, dst) for _, hop in units if hop)
                for number, hop in units:
                    if hop:
                        self.visits[dst].setdefault(number, hop)

    def leave(self, row: Row) -> list[tuple[int, int]]:
        src, _, time, amount = row
        content = self.held[src]
        last = self.counting is Counting.LIFO
        taken = [content.pop(-1 if last else 0) for _ in range(min(amount, len(content)))]
        if src in self.seeds and time > self.seeds[src]:
            self.paid_out += amount
            return [(self.paid_out - amount + number, 1) for number in range(amount)]
        moved = [(number, hop + 1 if 0 < hop < self.hops else 0) for number, hop in taken]
        return moved + [(0, 0)] * (amount - len(taken))

    def first(self) -> Counter[tuple[str, int]]:
        """How many units first came to each account at each hop."""
        return Counter((account, hop) for account, seen in self.visits.items() for hop in seen.values())


def drawn(flow: Flow) -> dict[tuple[int, str, str], int]:
    ends = zip(flow.source, flow.target, flow.amounts, strict=True)
    return {(flow.columns[dst], flow.labels[src], flow.labels[dst]): amount for src, dst, amount in ends}


def random_files(folder: Path, random: Random) -> tuple[Source, list[Row], dict[str, int]]:
    names = [f"N{number}" for number in range(random.randint(2, 7))]
    ticks = random.choice([4, 12, 40])
    rows = [
        (random.choice(names), random.choice(names), random.randrange(1, ticks), random.randrange(1, 30))
        for _ in range(random.randrange(1, 40))
    ]
    seeds = {name: random.randrange(ticks) for name in random.sample(names, random.choice([1, 1, 2]))}
    body = "".join(f"{src},{dst},{time},{amount}\n" for src, dst, time, amount in rows)
    (folder / "t.csv").write_text(HEADER + body)
    (folder / "s.csv").write_text(
        "account,time\n" + "".join(f"{name},{time}\n" for name, time in seeds.items())
    )
    return Source(folder / "t.csv", folder / "s.csv"), rows, seeds


@pytest.mark.parametrize("number", range(80))
@pytest.mark.parametrize("counting", BY_UNIT)
def test_no_column_of_a_picture_has_more_than_the_seeds_paid_out(
    tmp_path: Path, number: int, counting: Counting
) -> None:
    random = Random(number)  # noqa: S311 - seeded, to be repeated
    source, rows, seeds = random_files(tmp_path, random)
    hops = random.randint(1, 5)
    flow = picture_file(source, Following(max_hops=hops, counting=counting), tmp_path / "out.html", 50)
    into: Counter[int] = Counter()
    balance: Counter[int] = Counter()
    for src, dst, amount in zip(flow.source, flow.target, flow.amounts, strict=True):
        into[flow.columns[dst]] += amount
        balance[dst] += amount
        balance[src] -= amount if flow.columns[src] else 0
    assert max(into.values(), default=0) <= flow.money.paid_out
    assert into[1] == flow.money.paid_out
    assert all(rest >= 0 for rest in balance.values()), "no box pays out more than came into it"
    assert (flow.money.held or 0) + (flow.money.left or 0) == flow.money.paid_out
    if counting is not Counting.HAIRCUT:
        oracle = Units(rows, seeds, hops, counting)
        assert drawn(flow) == dict(oracle.bands)
        assert flow.money.paid_out == oracle.paid_out
        assert flow.money.held == sum(1 for units in oracle.held.values() for _, hop in units if hop)


def added_up(answer: list[dict[str, str]], key: str, column: str) -> Counter[str]:
    sums: Counter[str] = Counter()
    for row in answer:
        sums[row[key]] += int(row[column])
    return sums


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("number", range(60))
def test_what_a_spread_traces_adds_up_to_what_the_seeds_paid_out(tmp_path: Path, number: int) -> None:
    source, rows, seeds = random_files(tmp_path, Random(number))  # noqa: S311 - seeded, to be repeated
    received = {}
    for counting in BY_UNIT:
        summary = spread_files(source, Following(max_hops=4, counting=counting), tmp_path / "out.csv")
        answer = read(tmp_path / "out.csv")
        assert sum(int(row["held"]) for row in answer) == summary.money.held
        assert (summary.money.held or 0) + (summary.money.left or 0) == summary.money.paid_out
        assert max(amount for _, _, amount in summary.layers) <= summary.money.paid_out
        for column in ("amount", *(f"by_{one}" for one in BY_UNIT)):
            for key in ("hop", "account"):
                most = max(added_up(answer, key, column).values())
                assert most <= summary.money.paid_out, f"{column} of one {key}"
        assert all(int(row["held"]) <= int(row["amount"]) for row in answer)
        assert all(int(row["amount"]) == int(row[f"by_{counting}"]) for row in answer)
        assert all(int(row["amount"]) <= int(row["by_poison"]) for row in answer)
        assert len({row["account"] for row in answer}) == summary.accounts
        received[counting] = added_up(answer, "account", "amount")
        assert added_up(answer, "account", "by_lifo") == received[Counting.LIFO]
        for account, amount in received[counting].items():
            traced = trace_account(source, Following(max_hops=4), account).traced[str(counting)]
            # A haircut rounds each payment.
            assert abs((traced or 0) - amount) <= (len(rows) if counting is Counting.HAIRCUT else 0)
        if counting is not Counting.HAIRCUT:
            oracle = Units(rows, seeds, 4, counting)
            found = {(row["account"], int(row["hop"])): int(row["amount"]) for row in answer}
            assert {key: amount for key, amount in found.items() if amount} == dict(oracle.first())
    whole = spread_files(source, Following(max_hops=4), tmp_path / "whole.csv")
    assert whole.money.paid_out == summary.money.paid_out
    assert whole.money.held is None


@pytest.mark.parametrize("counting", BY_UNIT)
def test_money_that_comes_back_comes_to_an_account_once(
    write: Write, tmp_path: Path, counting: Counting
) -> None:
    source = Source(write("t.csv", ROUND), write("s.csv", "account,time\nS,0\n"))
    summary = spread_files(source, Following(max_hops=6, counting=counting), tmp_path / "out.csv")
    rows = {
        (row["account"], row["hop"]): (row["arrival"], row["amount"], row["held"], row["by_poison"])
        for row in read(tmp_path / "out.csv")
    }
    assert rows == {
        ("S", "0"): ("0", "0", "0", "0"),
        ("A", "1"): ("10", "1000", "0", "3000"),
        ("B", "2"): ("20", "1000", "0", "2000"),
        ("C", "2"): ("60", "0", "0", "1000"),
        ("C", "6"): ("60", "1000", "1000", "1000"),
    }
    assert [amount for _, _, amount in summary.layers] == [0] + [1000] * 6
    assert summary.accounts == 4
    assert dict(trace_account(source, Following(max_hops=6), "A").traced) == dict.fromkeys(
        ("lifo", "fifo", "haircut"), 1000
    )


def test_what_came_back_to_seeds_and_what_went_beyond_the_last_hop_is_said(
    write: Write, tmp_path: Path
) -> None:
    seeds = write("s.csv", "account,time\nS,0\nT,0\n")
    source = Source(write("t.csv", HEADER + "S,T,10,1000\nT,A,20,1000\nA,S,30,1000\nS,B,40,1000\n"), seeds)
    money = spread_files(source, Following(counting=Counting.LIFO), tmp_path / "out.csv").money
    assert (money.paid_out, money.repaid, money.beyond, money.left) == (3000, 2000, 0, 2000)
    zh, en = money.said(source.unit)
    assert "2,000 came back to a seed that paid it on, and is counted again in what they paid out" in en
    assert "2,000 曾回到警示帳戶、再由其匯出（重複計入匯出總額）" in zh
    source = Source(write("t.csv", HEADER + "S,A,10,70\nA,B,20,30\nB,C,30,30\nA,S,40,40\n"), seeds)
    money = spread_files(source, Following(max_hops=2, counting=Counting.FIFO), tmp_path / "out.csv").money
    assert (money.held, money.held_by_seeds, money.beyond, money.repaid) == (40, 40, 30, 0)
    assert money.said(source.unit)[1].endswith(
        "of 70 that the seeds paid out 40 came back to the seeds and is held there, 30 went on beyond the last hop"
    )
    stopped = Source(source.transfers, seeds, write("stop.csv", "account\nA\n"))
    money = spread_files(stopped, Following(counting=Counting.FIFO), tmp_path / "out.csv").money
    assert "70 left in payments that are not followed" in money.said(source.unit)[1]


def test_whole_transfers_grow_and_units_do_not(source: Source, tmp_path: Path) -> None:
    def layers(counting: Counting | None) -> list[int]:
        summary = spread_files(source, Following(counting=counting), tmp_path / "out.csv")
        return [amount for _, _, amount in summary.layers]

    assert layers(None) == [0, 100, 1000, 1000], "a spread says who was reached, and counts transfers whole"
    assert layers(Counting.LIFO) == [0, 100, 100, 100]
    answer = (tmp_path / "out.csv").read_text().splitlines()
    assert answer[0] == "account,hop,arrival,earliest,amount,held,by_lifo,by_fifo,by_haircut,by_poison"
    assert answer[-1] == "d,3,30,30,100,100,100,100,100,1000"


def test_a_picture_follows_money_last_in_first_out_unless_asked_otherwise(
    source: Source, tmp_path: Path
) -> None:
    flow = picture_file(source, Following(), tmp_path / "out.html")
    assert (flow.amounts, flow.money.counting) == ([100, 100, 100], Counting.LIFO)
    page = (tmp_path / "out.html").read_text(encoding="utf-8")
    # The page's data escape what is not ASCII.
    assert "last in, first out (Fraud Act, Art. 53)" in page
    flow = picture_file(source, Following(counting=Counting.POISON), tmp_path / "out.html")
    assert flow.amounts == [100, 1000, 1000]
    assert "must not be added up" in (tmp_path / "out.html").read_text(encoding="utf-8")
    backward = Following(direction=Direction.BACKWARD)
    assert picture_file(source, backward, tmp_path / "out.html").money.counting is Counting.POISON


def test_an_account_that_money_comes_back_to_stands_in_each_column(write: Write, tmp_path: Path) -> None:
    source = Source(
        write("t.csv", HEADER + "a,b,1,9\nb,c,2,9\nc,b,3,9\nb,d,4,9\n"), write("s.csv", "account,time\na,0\n")
    )
    flow = picture_file(source, Following(max_hops=4), tmp_path / "out.html")
    assert drawn(flow) == {(1, "a", "b"): 9, (2, "b", "c"): 9, (3, "c", "b"): 9, (4, "b", "d"): 9}


def test_one_account_has_the_money_of_the_seeds_beside_its_transfers(source: Source) -> None:
    report = trace_account(source, Following(), "c")
    assert report.amount == 1000
    assert dict(report.traced) == {"lifo": 100, "fifo": 100, "haircut": 100}
    short = trace_account(source, Following(dwell_seconds=15), "c")
    assert short.traced["lifo"] == 100


@pytest.mark.parametrize("counting", BY_UNIT)
@pytest.mark.parametrize(
    "following",
    [Following(direction=Direction.BACKWARD), Following(dwell_seconds=5)],
    ids=["backward", "dwell"],
)
def test_units_cannot_be_followed_backward_or_while_they_rest(
    source: Source, tmp_path: Path, following: Following, counting: Counting
) -> None:
    from dataclasses import replace  # noqa: PLC0415

    with pytest.raises(Malformed, match="method: expected poison"):
        spread_files(source, replace(following, counting=counting), tmp_path / "out.csv")
