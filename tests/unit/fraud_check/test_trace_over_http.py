"""A walk from an account under a notice, over real HTTP: on which ground, what it tells, and to whom (T35, Art. 27)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from fraud_check.client import HeldAccount, MemberClient, NoticeDraft, account_subject
from fraud_check.quotas import QuotaLimits
from fraud_check.storage.query_log import check_queries
from fraud_check.storage.tables import AlarmRow, QueryRow
from passport.errors import Reason, Rejected
from passport.fraud import NoticeKind, Token, Trace, TraceRequest, Transfer, TransferBatch
from tests.simulators.hub_cast import LIN, LIN_A, WARNED, Cast

FIRST = account_subject("TW:812:0099:000011112222")
MULES = [account_subject(f"TW:822:0001:00003333000{n}") for n in range(6)]
BACK = account_subject("TW:812:0099:000055550000")
LAST = account_subject("TW:822:0001:000033335555")
NT_20K = 20_000_00
NOTICE = "trace-notice-000000001"


@dataclass
class Walk:
    """Bank B's account → six accounts of bank A → one of B again → one of A."""

    cast: Cast
    first: Token
    mules: list[Token]
    back: Token
    last: Token

    def days_ago(self, days: float) -> int:
        return int((self.cast.world.clock.now() - timedelta(days=days)).timestamp())

    def send(self, bank: MemberClient, name: str, *paid: tuple[Token, Token, float]) -> None:
        transfers = tuple(
            Transfer(
                id=f"{name}-transfer-{n:06d}",
                src=src,
                dst=dst,
                at_ms=self.days_ago(days) * 1000,
                amount_minor=NT_20K,
            )
            for n, (src, dst, days) in enumerate(paid)
        )
        bank.send_transfers(TransferBatch(batch=f"{name}-batch-00000001", transfers=transfers))

    def notify(self, kind: NoticeKind = NoticeKind.WARN, **changes: object) -> None:
        draft = NoticeDraft(NOTICE, kind, "165", self.cast.world.clock.now(), account=self.first)
        self.cast.police.notify(replace(draft, **changes))  # type: ignore[arg-type]  # members of the draft

    def trace(
        self, bank: MemberClient | None = None, *, account: Token | None = None, days: float = 29
    ) -> Trace:
        asked = TraceRequest(account=account or self.first, taint_from=self.days_ago(days), max_hops=8)
        return (bank or self.cast.bank_b).trace(asked)

    def refused(self, act: Callable[[], object]) -> Reason:
        with pytest.raises(Rejected) as refused:
            act()
        return refused.value.reason


@pytest.fixture
def walk(cast: Cast) -> Walk:
    tokens = cast.bank_b.tokens([FIRST, *MULES, BACK, LAST])
    made = Walk(cast, tokens[FIRST], [tokens[one] for one in MULES], tokens[BACK], tokens[LAST])
    made.send(cast.bank_b, "first", *((made.first, mule, 20) for mule in made.mules))
    made.send(cast.bank_a, "mules", *((mule, made.back, 15) for mule in made.mules))
    made.send(cast.bank_b, "back-again", (made.back, made.last, 10))
    made.send(cast.bank_a, "last-of-all", (made.last, made.first, 5))
    return made


def test_a_walk_names_own_accounts_and_counts_the_others(walk: Walk) -> None:
    walk.notify()
    told = walk.trace()
    assert [(stop.account, stop.hops) for stop in told.accounts] == [(walk.first, 0), (walk.back, 2)]
    # Six of bank A's in the first layer read as five; the single one in the third reads as none.
    assert [(layer.hops, layer.others_at_least) for layer in told.others] == [(1, 5)]
    assert told.truncated is None
    written = str(told.to_object())
    assert not [token for token in (*walk.mules, walk.last) if token in written]
    assert str(walk.days_ago(20)) not in written


def test_without_a_notice_nobody_walks(walk: Walk) -> None:
    assert walk.refused(walk.trace) is Reason.NOT_AUTHORISED
    walk.notify()
    walk.trace()
    lift = NoticeDraft(
        "lift-00000000000000001", NoticeKind.LIFT, "165", walk.cast.world.clock.now(), concerns=NOTICE
    )
    walk.cast.police.notify(lift)
    assert walk.refused(walk.trace) is Reason.NOT_AUTHORISED
    with walk.cast.world.hub.database.read() as session:
        assert [row.kind for row in session.exec(select(AlarmRow))] == ["trace_without_notice"]


@pytest.mark.parametrize("kind", [NoticeKind.EARMARK, NoticeKind.IMPERSONATED])
def test_money_just_reported_and_a_false_opening_are_grounds_too(walk: Walk, kind: NoticeKind) -> None:
    walk.notify(kind)
    assert [stop.account for stop in walk.trace().accounts] == [walk.first, walk.back]


def test_a_derived_account_is_no_ground(walk: Walk) -> None:
    """A bank could make one: it says itself whose account it is."""
    cast = walk.cast
    cast.bank_a.link_accounts([HeldAccount(cast.lin_a, cast.lin)])
    cast.warn(WARNED)
    cast.bank_b.link_accounts([HeldAccount(walk.first, cast.lin)])
    verdict = cast.bank_b.ask_before_offer(accounts=[walk.first], person=cast.lin).verdict
    assert verdict.verdict_class == "block"
    assert walk.refused(walk.trace) is Reason.NOT_AUTHORISED


def test_another_banks_account_and_an_unknown_one_are_refused_alike(walk: Walk) -> None:
    walk.notify()
    said = []
    unknown = walk.cast.bank_a.tokens([LIN_A, LIN])[LIN_A]
    for account in (walk.first, unknown):
        with pytest.raises(Rejected) as refused:
            walk.trace(walk.cast.bank_a, account=account)
        said.append(str(refused.value))
    assert said[0] == said[1]
    report = walk.cast.bank_b.queries(walk.cast.world.clock.now().date())
    assert [(one.caller, one.action, one.answer) for one in report.members] == [
        (str(walk.cast.a.did), "trace", "not_authorised")
    ]


def test_a_walk_begins_no_earlier_than_the_taint(walk: Walk) -> None:
    walk.notify(taint_from=walk.cast.world.clock.now() - timedelta(days=18))
    # What left twenty days ago left before the taint, whatever the bank asks for.
    assert [stop.account for stop in walk.trace(days=400).accounts] == [walk.first]


def test_a_walk_back_sees_who_paid_in_and_ends_a_month_before_the_taint(walk: Walk) -> None:
    walk.notify()
    walk.send(walk.cast.bank_b, "long-before", (walk.back, walk.mules[0], 61))
    walk.send(walk.cast.bank_a, "mule-paid", (walk.mules[0], walk.first, 50))

    def back(days_ago: float) -> list[Token]:
        until = walk.days_ago(days_ago)
        asked = TraceRequest(account=walk.first, taint_from=until, max_hops=8, backward=True)
        return [stop.account for stop in walk.cast.bank_b.trace(asked).accounts]

    assert back(0) == [walk.first, walk.back]
    # From a month ago: the mule paid within reach; what the bank's other account paid the mule lies before it.
    assert back(30) == [walk.first]


def test_who_walked_is_in_the_log_and_every_bank_that_was_reached_reads_it(walk: Walk) -> None:
    walk.notify()
    walk.trace()
    database = walk.cast.world.hub.database
    with database.read() as session:
        lines = session.exec(select(QueryRow).where(QueryRow.action == "trace").order_by(col(QueryRow.n)))
        said = [(row.caller, row.about, row.answer) for row in lines]
    a, b = str(walk.cast.a.did), str(walk.cast.b.did)
    assert said == [(b, b, "traced"), (b, a, "reached")]
    check_queries(database)
    report = walk.cast.bank_a.queries(walk.cast.world.clock.now().date())
    assert [(one.caller, one.action, one.answer) for one in report.members] == [(b, "trace", "reached")]
    assert report.verifier_questions == 0


@pytest.mark.parametrize("world", [QuotaLimits(traces_a_minute=2)], indirect=True)
def test_walks_are_counted_and_refused_ones_as_well(walk: Walk) -> None:
    reasons = {walk.refused(walk.trace) for _ in range(7)}
    assert reasons == {Reason.NOT_AUTHORISED, Reason.LIMIT_EXCEEDED}
