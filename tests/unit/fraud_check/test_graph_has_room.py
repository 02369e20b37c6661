"""What the graph could not take is refused before it is durable: afterwards no start would get past it (T37)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fraud_check.client import account_subject
from fraud_check.flow import EngineFlow, milliseconds
from fraud_check.ports import DatedTransfer
from passport.errors import Reason, Rejected
from passport.fraud import Token, Transfer, TransferBatch, TransferCorrection
from passport.fraud.requests import MAX_AMOUNT_MINOR
from tests.simulators.hub_cast import Cast

SUBJECT = account_subject("TW:812:0099:000011112222")


def test_amounts_that_do_not_add_up_any_more_are_refused_and_the_hub_still_starts(cast: Cast) -> None:
    cast.offer()
    account = cast.bank_b.tokens([SUBJECT])[SUBJECT]
    at_ms = milliseconds(cast.world.clock.now() - timedelta(days=3))

    def send(first: int, count: int, amount: int) -> None:
        transfers = tuple(
            Transfer(id=f"transfer-{n:010d}", src=account, dst=cast.lin_a, at_ms=at_ms, amount_minor=amount)
            for n in range(first, first + count)
        )
        cast.bank_b.send_transfers(TransferBatch(batch=f"bank-b-batch-{first:06d}", transfers=transfers))

    send(0, 1_000, MAX_AMOUNT_MINOR)
    with pytest.raises(Rejected) as refused:
        send(1_000, 25, MAX_AMOUNT_MINOR)
    assert refused.value.reason is Reason.LIMIT_EXCEEDED
    cast.world.restart()
    assert cast.world.hub.next_transfer == 1_000
    send(2_000, 1, 5)
    # Whoever sent nonsense can take it back, and there is room again.
    cast.bank_b.take_back(
        TransferCorrection(
            correction="correction-0000001", transfers=tuple(f"transfer-{n:010d}" for n in range(1_000))
        )
    )
    send(3_000, 25, MAX_AMOUNT_MINOR)


def test_room_ends_exactly_where_the_engines_sum_does() -> None:
    flow = EngineFlow()
    payer, payee = Token("1" * 64), Token("2" * 64)
    rest = 2**63 - 1
    rows: list[DatedTransfer] = []
    while rest:
        amount = min(rest, 2**62)
        rows.append(DatedTransfer(len(rows), payer, payee, 1, amount, 0))
        rest -= amount
    flow.require_room(rows)
    flow.append(rows)
    with pytest.raises(Rejected):
        flow.require_room([DatedTransfer(len(rows), payer, payee, 1, 1, 0)])
    nothing = [DatedTransfer(len(rows), payer, payee, 1, 0, 0)]
    flow.require_room(nothing)
    flow.append(nothing)
