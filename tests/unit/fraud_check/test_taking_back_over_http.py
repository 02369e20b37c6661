"""A bank takes back what it reported wrongly: beside what it sent, and every answer is as if it had not been (T36)."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from fraud_check.client import HeldAccount, NoticeDraft, account_subject
from fraud_check.flow import EngineFlow, milliseconds
from fraud_check.ports import DatedTransfer, FlowRule
from fraud_check.quotas import QuotaLimits
from fraud_check.rules import DEFAULT_RULE
from fraud_check.storage.query_log import check_queries
from fraud_check.storage.tables import AlarmRow, QueryRow, TransferRow
from fraud_check.storage.transfers import emptied
from passport.errors import Reason, Rejected
from passport.fraud import (
    NoticeKind,
    Token,
    Transfer,
    TransferBatch,
    TransferCorrection,
    VerdictClass,
    make_token,
)
from tests.simulators.hub_cast import WARNED, Cast

MULE = account_subject("TW:812:0099:000011112222")
NT_20K = 20_000_00
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)


@pytest.fixture
def mule(cast: Cast) -> Token:
    """Bank B's warned account, which paid Lin at bank A by mistake of the report, and by nothing else."""
    cast.offer()
    mule = cast.bank_b.tokens([MULE])[MULE]
    at_ms = milliseconds(cast.world.clock.now() - timedelta(days=3))
    transfers = tuple(
        Transfer(id=f"transfer-{n:010d}", src=mule, dst=dst, at_ms=at_ms, amount_minor=NT_20K)
        for n, dst in enumerate((cast.lin_a, cast.lin_b))
    )
    cast.bank_b.send_transfers(TransferBatch(batch="bank-b-batch-0001", transfers=transfers))
    cast.police.notify(NoticeDraft(WARNED, NoticeKind.WARN, "165", cast.world.clock.now(), account=mule))
    return mule


def correction(*numbers: int, name: str = "correction-0000001") -> TransferCorrection:
    return TransferCorrection(correction=name, transfers=tuple(f"transfer-{n:010d}" for n in numbers))


def verdict(cast: Cast) -> VerdictClass:
    return cast.bank_a.ask_before_offer(accounts=[cast.lin_a], person=cast.lin).verdict.verdict_class


def test_what_was_taken_back_carries_nothing_and_stays_on_record(cast: Cast, mule: Token) -> None:
    assert verdict(cast) is VerdictClass.REVIEW
    cast.bank_b.take_back(correction(0))
    assert verdict(cast) is VerdictClass.CLEAR
    # The other transfer still counts.
    assert cast.world.hub.flow.question(cast.lin_b, at=cast.world.clock.now()).reached
    cast.bank_b.take_back(correction(0))
    cast.world.restart()
    assert verdict(cast) is VerdictClass.CLEAR
    assert cast.world.hub.flow.question(cast.lin_b, at=cast.world.clock.now()).reached
    with cast.world.hub.database.read() as session:
        sent = {(row.src, row.dst, row.amount_minor) for row in session.exec(select(TransferRow))}
        assert sent == {(mule, cast.lin_a, NT_20K), (mule, cast.lin_b, NT_20K)}
        assert [row.kind for row in session.exec(select(AlarmRow))] == ["transfers_taken_back"]
        said = [row.answer for row in session.exec(select(QueryRow).where(QueryRow.action == "take_back"))]
        assert said == ["1"]
    check_queries(cast.world.hub.database)
    # Numbers did not move: what comes next is taken as before.
    again = Transfer(
        id="transfer-0000000009",
        src=mule,
        dst=cast.lin_a,
        at_ms=milliseconds(cast.world.clock.now() - timedelta(days=2)),
        amount_minor=NT_20K,
    )
    cast.bank_b.send_transfers(TransferBatch(batch="bank-b-batch-0002", transfers=(again,)))
    assert verdict(cast) is VerdictClass.REVIEW
    cast.lift()
    assert verdict(cast) is VerdictClass.CLEAR


@pytest.mark.usefixtures("mule")
def test_nobody_takes_back_what_another_bank_sent_or_twice(cast: Cast) -> None:
    def reason(asked: TransferCorrection, *, by_a: bool = False) -> Reason:
        with pytest.raises(Rejected) as refused:
            (cast.bank_a if by_a else cast.bank_b).take_back(asked)
        return refused.value.reason

    assert reason(correction(0), by_a=True) is Reason.NOT_FOUND
    assert reason(correction(0, 7)) is Reason.NOT_FOUND
    assert verdict(cast) is VerdictClass.REVIEW
    cast.bank_b.take_back(correction(0))
    assert reason(correction(1)) is Reason.CONFLICT
    assert reason(correction(1, 0, name="correction-0000002")) is Reason.CONFLICT
    assert cast.world.hub.flow.question(cast.lin_b, at=cast.world.clock.now()).reached


def test_an_account_out_of_which_a_bank_only_sent_by_mistake_is_free_again(cast: Cast, mule: Token) -> None:
    held = [HeldAccount(mule, cast.lin)]
    with pytest.raises(Rejected):
        cast.bank_a.link_accounts(held)
    cast.bank_b.take_back(correction(0, 1))
    cast.bank_a.link_accounts(held)


@pytest.mark.usefixtures("mule")
@pytest.mark.parametrize("world", [QuotaLimits(corrections_a_minute=1)], indirect=True)
def test_corrections_are_counted(cast: Cast) -> None:
    cast.bank_b.take_back(correction(0))
    reasons = []
    for n in range(2):
        try:
            cast.bank_b.take_back(correction(1, name=f"correction-000001{n}"))
        except Rejected as refused:
            reasons.append(refused.reason)
    assert Reason.LIMIT_EXCEEDED in reasons


class SlowFlow(EngineFlow):
    """A graph that is built until it is told to end."""

    building, may_end = threading.Event(), threading.Event()

    def begin(self, rule: FlowRule) -> None:
        self.building.set()
        assert self.may_end.wait(30)
        super().begin(rule)


@pytest.mark.usefixtures("mule")
def test_questions_and_notices_go_on_while_the_graph_is_built_anew(cast: Cast) -> None:
    cast.world.hub.new_flow = SlowFlow
    working = threading.Thread(target=cast.bank_b.take_back, args=(correction(0),))
    working.start()
    assert SlowFlow.building.wait(10)
    assert verdict(cast) is VerdictClass.REVIEW
    cast.lift()
    assert verdict(cast) is VerdictClass.CLEAR
    SlowFlow.may_end.set()
    working.join()
    # What the notice changed meanwhile is so in the new graph, too.
    assert not cast.world.hub.flow.question(cast.lin_b, at=cast.world.clock.now()).reached


def random_months() -> Iterator[tuple[list[DatedTransfer], set[int], list[Token]]]:
    for seed in range(40):
        chance = random.Random(seed)  # noqa: S311 - the same cases every time
        tokens = [make_token(1, bytes([n]) * 32) for n in range(7)]
        log = [
            DatedTransfer(
                seq,
                chance.choice(tokens[:4]),
                chance.choice(tokens[1:]),
                milliseconds(NOW) - chance.randrange(20) * 3_600_000,
                chance.choice([9_000_00, 15_000_00, 40_000_00]),
                0,
            )
            for seq in range(40)
        ]
        yield log, set(chance.sample(range(40), 12)), tokens


def test_a_graph_with_emptied_transfers_answers_as_one_that_never_had_them() -> None:
    """Whoever is reached, with how many hops and how much; only the numbers of the evidence differ."""
    differences = 0
    for log, gone, tokens in random_months():
        kept = [one for one in log if one.seq not in gone]
        graphs = []
        for transfers in (
            [emptied(one.seq, one.src, one.at_ms) if one.seq in gone else one for one in log],
            [replace(one, seq=seq) for seq, one in enumerate(kept)],
            log,
        ):
            flow = EngineFlow()
            flow.append(transfers)
            flow.set_warnings({tokens[0]: NOW - timedelta(days=20)})
            flow.begin(DEFAULT_RULE)
            found = [flow.question(one, at=NOW).reached for one in tokens]
            graphs.append([None if one is None else (one.hops, one.tainted_minor) for one in found])
        assert graphs[0] == graphs[1]
        differences += graphs[0] != graphs[2]
    assert differences > 10
