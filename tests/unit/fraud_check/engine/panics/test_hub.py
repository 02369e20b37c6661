"""A panic in Rust never takes the service down: the hub over HTTP, with an engine that panics (fault F44)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from fraud_check.client import HeldAccount, NoticeDraft, account_subject
from fraud_check.flow import milliseconds
from passport.errors import Unavailable
from passport.fraud import NoticeKind, Token, Transfer, TransferBatch, VerdictClass
from tests.simulators.hub_cast import WARNED, Cast

NT_20K = 20_000_00
SUBJECT = account_subject("TW:812:0099:000011112222")


class Money:
    """Bank B's account, warned of, which pays Lin at bank A."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.at_ms = milliseconds(cast.world.clock.now() - timedelta(days=3))
        cast.offer()
        self.mule = cast.bank_b.tokens([SUBJECT])[SUBJECT]
        cast.bank_b.link_accounts([HeldAccount(self.mule, cast.lin)])
        cast.police.notify(
            NoticeDraft(WARNED, NoticeKind.WARN, "165", cast.world.clock.now(), account=self.mule)
        )

    def send(self, number: int, to: Token | None = None) -> None:
        one = Transfer(
            id=f"transfer-{number:010d}",
            src=self.mule,
            dst=to or self.cast.lin_a,
            at_ms=self.at_ms,
            amount_minor=NT_20K,
        )
        self.cast.bank_b.send_transfers(TransferBatch(batch=f"bank-b-batch-{number:04d}", transfers=(one,)))

    def reached(self, account: Token) -> bool:
        hub = self.cast.world.hub
        return hub.flow.question(account, at=hub.clock.now()).reached is not None


@pytest.fixture
def money(cast: Cast) -> Money:
    return Money(cast)


def verdict(cast: Cast) -> VerdictClass:
    return cast.bank_a.ask_before_offer(accounts=[cast.lin_a], person=cast.lin).verdict.verdict_class


def test_a_batch_is_taken_though_labels_panic(
    cast: Cast, money: Money, panic_at: Callable[..., None]
) -> None:
    panic_at("labels.follow")
    money.send(1)
    assert money.reached(cast.lin_a)
    panic_at("labels.follow")
    panic_at("labels.build")
    money.send(2, to=cast.lin_b)
    assert money.reached(cast.lin_b), "by search"
    assert verdict(cast) is not VerdictClass.CLEAR


def test_a_durable_batch_that_the_engine_drops_is_read_out_of_the_log(
    cast: Cast, money: Money, panic_at: Callable[..., None]
) -> None:
    panic_at("append.graph")
    money.send(1)
    assert money.reached(cast.lin_a)
    money.send(2, to=cast.lin_b)
    assert money.reached(cast.lin_b)
    assert cast.world.hub.next_transfer == 2


def test_a_graph_that_stays_behind_is_said_and_heals_with_the_next_sending(
    cast: Cast, money: Money, panic_at: Callable[..., None]
) -> None:
    money.send(1)
    # The hub tends to this by itself once a second, so more panics than it can meet here.
    panic_at("append.graph", 100)
    for _ in range(2):
        # Durable since the first time: it is acknowledged once the graph has it, and not before.
        with pytest.raises(Unavailable):
            money.send(2, to=cast.lin_b)
    assert money.reached(cast.lin_a), "the old graph answers"
    panic_at("append.graph", 0)
    money.send(2, to=cast.lin_b)
    assert money.reached(cast.lin_b)
    money.send(3)
    assert cast.world.hub.next_transfer == 3
    cast.world.restart()
    assert money.reached(cast.lin_b)


def test_a_graph_that_stays_behind_heals_by_itself(
    cast: Cast, money: Money, panic_at: Callable[..., None]
) -> None:
    panic_at("append.graph", 2)
    with pytest.raises(Unavailable):
        money.send(1)
    until = time.monotonic() + 20
    while cast.world.hub.graph_is_behind and time.monotonic() < until:
        time.sleep(0.05)
    assert money.reached(cast.lin_a)


def test_a_question_that_panics_is_one_error_and_the_next_is_answered(
    cast: Cast, money: Money, panic_at: Callable[..., None]
) -> None:
    money.send(1)
    before = verdict(cast)
    panic_at("labels.look_up")
    panic_at("labels.search")
    with pytest.raises(Unavailable):
        verdict(cast)
    assert verdict(cast) is before
    panic_at("labels.look_up")
    assert verdict(cast) is before


def test_while_labels_are_lost_no_check_is_searched_for_where_everybody_waits(
    cast: Cast, money: Money, panic_at: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    def untouched() -> bool:  # what reached it is its own: the other track
        hub = cast.world.hub
        return hub.flow.untouched(money.mule, at=hub.clock.now())

    money.send(1)
    assert untouched()
    panic_at("labels.follow")
    panic_at("labels.build", 100)
    money.send(2)
    assert not untouched()
    assert money.reached(cast.lin_a)
    panic_at("labels.build", 0)
    until = time.monotonic() + 20
    batch = 3
    while time.monotonic() < until and not untouched():
        money.send(batch)
        batch += 1
    assert untouched(), "a later change builds labels anew"
    while time.monotonic() < until and "engine_faults" not in caplog.messages:
        time.sleep(0.05)
    assert "engine_faults" in caplog.messages, "whoever runs the hub hears of it"
