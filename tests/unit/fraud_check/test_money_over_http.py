"""Transfers in, review by the default rule and its evidence, over real HTTP; then the same after a restart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from fraud_check.client import HeldAccount, NoticeDraft, account_subject
from fraud_check.flow import milliseconds
from passport.errors import Malformed, Reason, Rejected
from passport.fraud import NoticeKind, Token, Transfer, TransferBatch, VerdictClass
from tests.simulators.hub_cast import WARNED, Cast

MULE_B = account_subject("TW:812:0099:000011112222")
MULE_A = account_subject("TW:822:0001:000033334444")
VICTIM = account_subject("TW:812:0099:000055550000")
NT_20K = 20_000_00


@dataclass
class Chain:
    """Warned account at B → mule at A → mule at B → Lin at A: three hops through two banks."""

    cast: Cast
    victim: Token
    warned: Token
    mule_a: Token
    lin: Token

    def transfer(self, n: int, src: Token, dst: Token, *, days_ago: float, amount: int = NT_20K) -> Transfer:
        at = self.cast.world.clock.now() - timedelta(days=days_ago)
        return Transfer(
            id=f"transfer-{n:010d}", src=src, dst=dst, at_ms=int(at.timestamp() * 1000), amount_minor=amount
        )

    def batch_of_b(self, *, amount: int = NT_20K, start: float = 5) -> TransferBatch:
        transfers = (
            self.transfer(1, self.victim, self.warned, days_ago=start),
            self.transfer(2, self.warned, self.mule_a, days_ago=start - 1, amount=amount),
        )
        return TransferBatch(batch="bank-b-batch-0001", transfers=transfers)

    def batch_of_a(self, *, days_ago: float = 3) -> TransferBatch:
        return TransferBatch(
            batch="bank-a-batch-0001",
            transfers=(self.transfer(1, self.mule_a, self.lin, days_ago=days_ago),),
        )

    def warn(self) -> None:
        self.cast.police.notify(
            NoticeDraft(WARNED, NoticeKind.WARN, "165", self.cast.world.clock.now(), account=self.warned)
        )

    def verdict(self) -> VerdictClass:
        return self.cast.ask().verdict.verdict_class


@pytest.fixture
def chain(cast: Cast) -> Chain:
    tokens = cast.bank_b.tokens([VICTIM, MULE_B, MULE_A])
    cast.offer()
    return Chain(cast, tokens[VICTIM], tokens[MULE_B], tokens[MULE_A], cast.lin_a)


def test_a_chain_from_a_warning_account_asks_for_a_person(chain: Chain) -> None:
    chain.cast.bank_b.send_transfers(chain.batch_of_b())
    chain.cast.bank_a.send_transfers(chain.batch_of_a())
    assert chain.verdict() is VerdictClass.CLEAR
    chain.warn()
    assert chain.verdict() is VerdictClass.REVIEW
    member = chain.cast.bank_a.ask_before_offer(accounts=[chain.lin], person=chain.cast.lin).verdict
    assert member.verdict_class is VerdictClass.REVIEW
    (evidence,) = member.evidence
    assert (evidence.hops, evidence.warning_account) == (2, chain.warned)
    # Of the path, bank A sees its own transfer and not bank B's.
    assert evidence.path == ("transfer-0000000001",)
    chain.cast.world.restart()
    assert chain.verdict() is VerdictClass.REVIEW


def test_without_one_transfer_of_the_chain_it_is_clear(chain: Chain) -> None:
    chain.cast.bank_b.send_transfers(chain.batch_of_b())
    chain.warn()
    assert chain.verdict() is VerdictClass.CLEAR


@pytest.mark.parametrize(
    ("amount", "start", "days_ago", "verdict"),
    [
        (10_000_00, 5, 3, VerdictClass.REVIEW),
        (9_999_99, 5, 3, VerdictClass.CLEAR),
        (NT_20K, 5, 4.5, VerdictClass.CLEAR),
        (NT_20K, 33, 3, VerdictClass.CLEAR),
    ],
    ids=["at the minimum", "below it", "left before the money arrived", "older than thirty days"],
)
def test_the_default_rule_at_its_edges(
    chain: Chain, amount: int, start: float, days_ago: float, verdict: VerdictClass
) -> None:
    chain.cast.bank_b.send_transfers(chain.batch_of_b(amount=amount, start=start))
    chain.cast.bank_a.send_transfers(chain.batch_of_a(days_ago=days_ago))
    chain.warn()
    assert chain.verdict() is verdict


def test_a_lift_ends_the_review(chain: Chain) -> None:
    chain.cast.bank_b.send_transfers(chain.batch_of_b())
    chain.cast.bank_a.send_transfers(chain.batch_of_a())
    chain.warn()
    chain.cast.lift()
    assert chain.verdict() is VerdictClass.CLEAR


def test_a_batch_again_counts_nothing_twice(chain: Chain) -> None:
    batch = chain.batch_of_b()
    chain.cast.bank_b.send_transfers(batch)
    chain.cast.bank_b.send_transfers(batch)
    assert chain.cast.world.hub.next_transfer == 2
    chain.cast.world.restart()
    chain.cast.bank_b.send_transfers(batch)
    assert chain.cast.world.hub.next_transfer == 2


def test_a_batch_id_with_other_content_is_a_conflict(chain: Chain) -> None:
    chain.cast.bank_b.send_transfers(chain.batch_of_b())
    with pytest.raises(Rejected) as refused:
        chain.cast.bank_b.send_transfers(chain.batch_of_b(amount=1))
    assert refused.value.reason is Reason.CONFLICT


def test_a_transfer_of_an_earlier_batch_refuses_the_whole_batch(chain: Chain) -> None:
    batch = chain.batch_of_b()
    chain.cast.bank_b.send_transfers(batch)
    fresh = chain.transfer(3, chain.victim, chain.warned, days_ago=1)
    with pytest.raises(Rejected) as refused:
        chain.cast.bank_b.send_transfers(
            TransferBatch(batch="bank-b-batch-0002", transfers=(fresh, batch.transfers[0]))
        )
    assert refused.value.reason is Reason.CONFLICT
    assert chain.cast.world.hub.next_transfer == 2


def test_an_id_twice_in_a_batch_is_malformed(chain: Chain) -> None:
    one = chain.transfer(3, chain.victim, chain.warned, days_ago=1)
    with pytest.raises((Malformed, Rejected)):
        chain.cast.bank_b.send_transfers(TransferBatch(batch="bank-b-batch-0003", transfers=(one, one)))


def test_a_transfer_out_of_another_banks_account_is_refused(chain: Chain) -> None:
    chain.cast.bank_b.send_transfers(chain.batch_of_b())
    forged = chain.transfer(9, chain.lin, chain.victim, days_ago=1)
    for batch, client in (
        (TransferBatch(batch="bank-b-batch-0009", transfers=(forged,)), chain.cast.bank_b),
        (
            TransferBatch(
                batch="bank-a-batch-0009",
                transfers=(chain.transfer(9, chain.victim, chain.lin, days_ago=1),),
            ),
            chain.cast.bank_a,
        ),
    ):
        with pytest.raises(Rejected) as refused:
            client.send_transfers(batch)
        assert refused.value.reason is Reason.NOT_AUTHORISED


def test_a_bank_cannot_link_an_account_from_which_another_has_sent(chain: Chain) -> None:
    chain.cast.bank_b.send_transfers(chain.batch_of_b())
    with pytest.raises(Rejected):
        chain.cast.bank_a.link_accounts([HeldAccount(chain.victim, chain.cast.lin)])


@pytest.mark.parametrize("place", ["seconds", "1999", "a day and a minute ahead"])
def test_a_time_that_no_transfer_has_is_refused_and_the_batch_with_it(chain: Chain, place: str) -> None:
    now_ms = milliseconds(chain.cast.world.clock.now())
    wrong = {"seconds": now_ms // 1000, "1999": 946_684_799_999}.get(place, now_ms + 86_460_000)
    good = chain.transfer(1, chain.warned, chain.mule_a, days_ago=1)
    batch = TransferBatch(
        batch="bank-b-batch-0001",
        transfers=(good, good.model_copy(update={"id": "transfer-0000000002", "at_ms": wrong})),
    )
    with pytest.raises(Rejected, match="from the year 2000 to a day ahead"):
        chain.cast.bank_b.send_transfers(batch)
    assert chain.cast.world.hub.next_transfer == 0


def test_the_first_and_the_last_time_that_a_transfer_may_have_are_taken(chain: Chain) -> None:
    now_ms = milliseconds(chain.cast.world.clock.now())
    first = chain.transfer(1, chain.warned, chain.mule_a, days_ago=1)
    times = {"transfer-0000000001": 946_684_800_000, "transfer-0000000002": now_ms + 86_400_000}
    chain.cast.bank_b.send_transfers(
        TransferBatch(
            batch="bank-b-batch-0001",
            transfers=tuple(first.model_copy(update={"id": id_, "at_ms": at}) for id_, at in times.items()),
        )
    )
    assert chain.cast.world.hub.next_transfer == 2
