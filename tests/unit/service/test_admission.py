"""Admission by a clock that moves when told to: who comes in, who goes first, who hears to come again."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from service.admission import (
    FIRST_STEP,
    MOST_OF_ONE,
    MOST_RETRY_SECONDS,
    MOST_STRANGERS,
    Admission,
    Admitting,
    Kind,
    Rule,
    Ticket,
    name_of,
)
from service.journeys import IDLE_SECONDS, KNOWN_SECONDS, MOST_KNOWN, Journeys

FIRST = Kind("first", "main", rank=FIRST_STEP, wait=1.0, begins=True)
PLAIN = Kind("plain", "main", wait=1.0)
LATER = Kind("later", "main", wait=6.0, belongs=True)
ACT = Kind("act", "acts", wait=60.0)
A, B = name_of("a"), name_of("b")


@dataclass
class Hands:
    now: float = 100.0
    admission: Admission = field(init=False)
    beside: float = 0.0
    turns: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.admission = Admission({"main": 2, "acts": 1}, clock=lambda: self.now, beside=lambda: self.beside)

    def queue(self, kind: Kind, label: str, journey: bytes | None = None) -> Ticket:
        return self.admission.queue(kind, journey, lambda: self.turns.append(label))

    def teach(self, kind: Kind, seconds: float) -> None:
        """Let the mean of a kind come to so many seconds."""
        for _ in range(100):
            ticket = self.queue(kind, "lesson")
            self.now += seconds
            self.admission.done(ticket)
        self.turns.clear()


@pytest.fixture
def hands() -> Hands:
    return Hands()


def test_free_places_are_given_at_once_and_the_next_waits(hands: Hands) -> None:
    tickets = [hands.queue(FIRST, name) for name in ("one", "two", "three")]
    assert hands.turns == ["one", "two"]
    hands.admission.done(tickets[0])
    assert hands.turns == ["one", "two", "three"]


def test_what_was_begun_goes_before_what_was_not(hands: Hands) -> None:
    hands.admission.journeys.begin(A)
    running = [hands.queue(FIRST, "running") for _ in range(2)]
    for n in range(3):
        hands.queue(FIRST, f"new {n}")
    hands.queue(LATER, "begun", A)
    hands.admission.done(running[0])
    hands.admission.done(running[1])
    assert hands.turns[2:] == ["begun", "new 0"]


def test_a_later_step_without_a_begun_journey_goes_before_nobody(hands: Hands) -> None:
    running = [hands.queue(FIRST, "running") for _ in range(2)]
    hands.queue(FIRST, "new")
    hands.queue(LATER, "stranger", B)
    hands.queue(LATER, "nobody", None)
    for one in running:
        hands.admission.done(one)
    assert hands.turns[2:] == ["new", "stranger"]


def test_of_one_journey_two_requests_go_first_and_more_are_a_strangers(hands: Hands) -> None:
    hands.admission.journeys.begin(A)
    hands.admission.journeys.begin(B)
    running = [hands.queue(FIRST, "running") for _ in range(2)]
    hands.queue(FIRST, "new")
    of_a = [hands.queue(LATER, f"a {n}", A) for n in range(4)]
    hands.queue(LATER, "b", B)
    assert [one.rank for one in of_a] == [LATER.rank] * MOST_OF_ONE + [FIRST_STEP] * 2
    for one in running:
        hands.admission.done(one)
    hands.admission.done(of_a[0])
    hands.admission.done(of_a[1])
    assert hands.turns[2:] == ["a 0", "a 1", "b", "new"]
    assert hands.queue(LATER, "again", A).rank == LATER.rank
    gone = hands.queue(LATER, "gone", A)
    hands.admission.withdraw(gone)
    assert hands.queue(LATER, "again", A).rank == LATER.rank


def test_a_flood_of_ones_own_requests_keeps_no_application_waiting(hands: Hands) -> None:
    """Forty connections ask again and again for what one known name opens; an application comes each second."""
    hands.admission.journeys.begin(A)
    waits: list[float] = []
    running: list[tuple[float, list[Ticket]]] = []

    def come(kind: Kind, journey: bytes | None, taken: float) -> None:
        came, ticket = hands.now, list[Ticket]()

        def on_turn() -> None:
            running.append((hands.now + taken, ticket))
            if kind is FIRST:
                waits.append(hands.now - came)

        ticket.append(hands.admission.queue(kind, journey, on_turn))

    for _ in range(40):
        come(LATER, A, 0.01)
    for second in range(20):
        assert hands.admission.retry_after(FIRST, None) is None
        come(FIRST, None, 0.02)
        while running and min(one[0] for one in running) < 101.0 + second:
            running.sort(key=lambda one: one[0])
            hands.now, ticket = running.pop(0)
            hands.admission.done(ticket[0])
            if ticket[0].kind is LATER:
                come(LATER, A, 0.01)
        hands.now = 101.0 + second
    assert len(waits) == 20
    assert max(waits) < 1.0


def test_no_rank_starves_another(hands: Hands) -> None:
    """However many begun journeys ask, one turn in five is a first step's."""
    tickets = [hands.queue(PLAIN, "running") for _ in range(2)]
    tickets += [hands.queue(FIRST, f"new {n}") for n in range(3)]
    tickets.append(hands.queue(Kind("middle", "main", rank=1), "middle"))
    tickets += [hands.queue(PLAIN, "begun") for _ in range(4)]
    for _ in range(20):
        tickets.append(hands.queue(PLAIN, "begun"))  # There are always some that go before.
        hands.admission.done(next(one for one in tickets if one.started is not None and not one.over))
    turns = hands.turns[2:]
    assert turns.index("middle") <= 5
    assert turns.index("new 0") <= 6
    assert turns.index("new 1") <= 12


def test_who_could_not_be_served_in_time_hears_so_at_once(hands: Hands) -> None:
    """One of the same rank waits already for as long as the next one may: what comes meanwhile goes before both."""
    [hands.queue(FIRST, "running") for _ in range(2)]
    hands.queue(FIRST, "waits")
    assert hands.admission.retry_after(FIRST, None) is None
    hands.now += 0.6
    better = hands.queue(PLAIN, "better")
    hands.admission.withdraw(better)
    hands.admission._pools["main"].last_turn = hands.now  # Others had their turns meanwhile.
    hands.now += 0.6
    assert hands.admission.retry_after(FIRST, None) == 1
    assert hands.admission.retry_after(PLAIN, None) is None


def test_a_number_bounds_a_line_too_and_strangers_more(hands: Hands) -> None:
    cheap = Kind("cheap", "main", wait=6.0, guess=0.0001, belongs=True, most=100)
    hands.admission.journeys.begin(A)
    for _ in range(2):
        hands.queue(FIRST, "running")
    strangers = 0
    while hands.admission.retry_after(cheap, None) is None:
        hands.queue(cheap, "stranger")
        strangers += 1
    assert strangers == MOST_STRANGERS
    for n in range(100):
        hands.admission.journeys.begin(name_of(f"{n}"))
        assert hands.admission.retry_after(cheap, name_of(f"{n}")) is None
        hands.queue(cheap, "begun", name_of(f"{n}"))
    assert hands.admission.retry_after(cheap, A) == 1


def test_of_one_secret_only_so_many_may_be_there() -> None:
    result = Kind("result", "many", wait=0.0, most=1, most_of_one=4)
    admission = Admission({"many": 6}, clock=lambda: 0.0)
    tickets = []
    for _ in range(4):
        assert admission.retry_after(result, A) is None
        tickets.append(admission.queue(result, A, lambda: None))
    assert admission.retry_after(result, A) == 1
    assert admission.retry_after(result, B) is None
    admission.done(tickets[0])
    admission.done(tickets[0])
    assert admission.retry_after(result, A) is None


def test_who_would_wait_too_long_is_refused_by_seconds_and_not_by_number() -> None:
    """Of requests that take a fiftieth as long, fifty times as many may wait."""

    def waiting(seconds: float) -> int:
        fresh = Hands()
        fresh.teach(PLAIN, seconds)
        for n in range(100_000):
            if fresh.admission.retry_after(PLAIN, None) is not None:
                return n
            fresh.queue(PLAIN, "x")
        raise AssertionError("expected an end")

    slow, quick = waiting(0.5), waiting(0.01)
    assert slow == 2 + 4 + 1  # two places, four that make one second for two, and the one that made it longer
    assert quick == pytest.approx(2 + 200 + 1, abs=2)


def test_journeys_under_way_count_as_work_to_come(hands: Hands) -> None:
    hands.teach(LATER, 0.5)
    for n in range(40):  # learn what a journey costs: half a second of a place
        name = name_of(f"lesson {n}")
        hands.admission.journeys.begin(name)
        ticket = hands.queue(LATER, "lesson", name)
        hands.now += 0.5
        hands.admission.done(ticket)
        hands.admission.end_journey("main", name)
    busy = [hands.queue(FIRST, "busy") for _ in range(2)]
    admitted = 0
    while hands.admission.retry_after(FIRST, None) is None:
        hands.admission.journeys.begin(name_of(f"new {admitted}"))
        admitted += 1
    assert admitted == pytest.approx(4, abs=1)  # one second of two places, half a second each
    # Who waits for a first step will need a whole journey, too.
    hands.queue(FIRST, "waits")
    assert hands.admission.retry_after(FIRST, None) is not None
    # A later step of one of them comes in all the same.
    assert hands.admission.retry_after(LATER, name_of("new 0")) is None
    # Holders who are only slow keep nobody out while a place is free, up to three times as many.
    for one in busy:
        hands.admission.done(one)
    assert hands.admission.retry_after(FIRST, None) is None
    for n in range(20):
        hands.admission.journeys.begin(name_of(f"slow {n}"))
    assert hands.admission.retry_after(FIRST, None) is not None
    # And after ten seconds without a step they are taken for gone.
    hands.now += IDLE_SECONDS
    assert hands.admission.retry_after(FIRST, None) is None


def test_work_left_behind_elsewhere_keeps_new_journeys_out_and_no_begun_one(hands: Hands) -> None:
    hands.admission.journeys.begin(A)
    busy = [hands.queue(FIRST, "busy") for _ in range(2)]
    hands.beside = 4.9
    assert hands.admission.retry_after(FIRST, None) == 4
    assert hands.admission.retry_after(LATER, A) is None
    hands.beside = 500.0
    assert hands.admission.retry_after(FIRST, None) == MOST_RETRY_SECONDS
    assert len(busy) == 2


def test_a_crowd_in_one_pool_is_felt_in_no_other(hands: Hands) -> None:
    hands.teach(FIRST, 1.0)
    for _ in range(500):
        hands.queue(FIRST, "crowd")
    assert hands.admission.retry_after(FIRST, None) is not None
    assert hands.admission.retry_after(ACT, None) is None
    hands.queue(ACT, "act")
    assert hands.turns[-1] == "act"


def test_who_left_the_line_is_never_worked_for(hands: Hands) -> None:
    running = [hands.queue(FIRST, "running") for _ in range(2)]
    gone = hands.queue(FIRST, "gone")
    hands.queue(FIRST, "there")
    hands.admission.withdraw(gone)
    hands.admission.withdraw(gone)
    assert hands.admission.waiting("main") == 1
    for one in running:
        hands.admission.done(one)
        hands.admission.done(one)
    assert hands.turns == ["running", "running", "there"]


def test_places_that_hang_keep_new_ones_out_before_anything_was_measured(hands: Hands) -> None:
    """A database that stands still ends no request, so no mean would ever tell."""
    running = [hands.queue(FIRST, "hangs") for _ in range(2)]
    assert hands.admission.retry_after(FIRST, None) is None
    hands.now += 1.5
    assert hands.admission.retry_after(FIRST, None) == 1
    hands.admission.done(running[0])
    assert hands.admission.retry_after(FIRST, None) is None


def test_a_place_is_given_back_once(hands: Hands) -> None:
    first, second = hands.queue(FIRST, "1"), hands.queue(FIRST, "2")
    for _ in range(3):
        hands.admission.done(first)
        hands.admission.withdraw(first)
    for n in range(3):
        hands.queue(FIRST, str(n + 3))
    assert hands.turns == ["1", "2", "3"]
    hands.admission.done(second)
    assert hands.turns == ["1", "2", "3", "4"]


def test_three_times_the_capacity_completes_as_many_as_the_capacity_alone() -> None:
    """Tokens at 3 times what two places can carry whole: few are begun that are not finished."""

    def run(a_second: float) -> tuple[int, int]:
        hands = Hands()
        begun = finished = 0
        running: list[tuple[float, Ticket, str]] = []
        arrivals = [n / a_second for n in range(int(a_second * 30))]

        def come(kind: Kind, label: str, journey: bytes | None, cost: float) -> None:
            if hands.admission.retry_after(kind, journey) is None:
                ticket: list[Ticket] = []
                ticket.append(
                    hands.admission.queue(kind, journey, lambda: starting.append((cost, ticket, label)))
                )

        starting: list[tuple[float, list[Ticket], str]] = []
        start = hands.now
        while arrivals or running:
            until = min([start + arrivals[0]] if arrivals else [], default=1e9)
            until = min(until, *(end for end, _, _ in running)) if running else until
            hands.now = until
            if running and min(running, key=lambda one: one[0])[0] <= until:
                running.sort(key=lambda one: one[0])
                _, ticket, label = running.pop(0)
                hands.admission.done(ticket)
                if label.startswith("t"):
                    begun += 1
                    hands.admission.journeys.begin(name_of(label))
                    come(LATER, "c" + label[1:], name_of(label), 0.08)
                else:
                    finished += 1
                    hands.admission.end_journey("main", name_of("t" + label[1:]))
            else:
                come(FIRST, f"t{arrivals.pop(0)}", None, 0.02)
            running += [(hands.now + cost, ticket[0], label) for cost, ticket, label in starting]
            starting.clear()
        return begun, finished

    _, alone = run(20.0)
    begun, finished = run(60.0)
    assert finished >= 0.95 * alone
    assert begun == finished


def test_journeys_are_bounded_and_forgotten() -> None:
    now = [0.0]
    journeys = Journeys(lambda: now[0])
    for n in range(MOST_KNOWN + 5):
        journeys.begin(n.to_bytes(4))
    assert not journeys.knows((0).to_bytes(4))
    assert journeys.knows((MOST_KNOWN).to_bytes(4))
    now[0] = IDLE_SECONDS
    assert journeys.under_way() == 0
    assert journeys.seconds_left() == 0
    assert journeys.knows((MOST_KNOWN).to_bytes(4))
    now[0] = KNOWN_SECONDS
    assert not journeys.knows((MOST_KNOWN).to_bytes(4))
    journeys.stepped(b"nobody", 1.0)
    journeys.end(b"nobody", 1.0)


def test_the_first_rule_that_fits_counts() -> None:
    rules = (Rule(None, "/health/*"), Rule(ACT, "/acts", "POST"), Rule(FIRST, "*"))
    admitting = Admitting(Admission({"main": 1, "acts": 1}), rules)
    assert admitting.find("GET", "/health/live").kind is None
    assert admitting.find("POST", "/acts").kind is ACT
    assert admitting.find("GET", "/acts").kind is FIRST
    assert admitting.find("POST", "/acts/1").kind is FIRST
    with pytest.raises(LookupError):
        Admitting(Admission({}), rules[:2]).find("GET", "/acts")
