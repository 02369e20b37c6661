"""A token that can never match is refused with its place, on every route, instead of reading as clean for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from pydantic import BaseModel

import passport.fraud.messages
import passport.fraud.requests
from fraud_check.client import HeldAccount, NoticeDraft
from fraud_check.epochs import Epoch, Epochs
from fraud_check.token_epochs import TOKEN_MEMBERS
from fraud_check.tokens import EvaluationKey
from passport.errors import Malformed, Reason, Rejected
from passport.fraud import (
    NoticeKind,
    Token,
    TraceRequest,
    Transfer,
    TransferBatch,
    make_token,
    read_token,
)
from passport.fraud.names import ACCOUNTS_PATH, EVALUATE_PATH, TRANSFERS_PATH
from passport.fraud.requests import Acknowledged, Evaluated
from passport.identifiers import Handle
from passport.jose import b64u_encode
from passport.messages import Message
from tests.simulators.hub_cast import Cast

FOREIGN = make_token(7, b"7" * 32)
WORD = "reference-000000001"


class Loose(Message):
    """A message that lets anything through: what a careless bank would send."""

    links: list[dict[str, str]] | None = None
    transfers: list[dict[str, Any]] | None = None
    batch: str | None = None
    epoch: int | None = None
    elements: list[str] | None = None


def transfer(cast: Cast, number: int, src: Token, dst: Token) -> Transfer:
    at = int(cast.world.clock.now().timestamp() * 1000)
    return Transfer(id=f"transfer-{number:08d}", src=src, dst=dst, at_ms=at, amount_minor=1)


def notify(cast: Cast, **about: Token) -> None:
    cast.police.notify(
        NoticeDraft("notice-of-another-1", NoticeKind.WARN, "165", cast.world.clock.now(), **about)  # type: ignore[arg-type]
    )


SENT: dict[str, tuple[Callable[[Cast], object], str]] = {
    "links": (
        lambda c: c.bank_a.link_accounts([HeldAccount(c.lin_a, c.lin), HeldAccount(FOREIGN, FOREIGN)]),
        "links.1.account, links.1.person",
    ),
    "handles": (
        lambda c: c.bank_a.register_handles(
            registration="offer-0000000000000001",
            handles=[Handle("h" * 22)],
            accounts=[HeldAccount(FOREIGN, c.lin)],
            expires_at=c.world.clock.now() + timedelta(days=1),
        ),
        "accounts.0.account",
    ),
    "transfers": (
        lambda c: c.bank_a.send_transfers(
            TransferBatch(
                batch="bank-a-batch-0001",
                transfers=(
                    transfer(c, 0, c.lin_a, c.lin_b),
                    transfer(c, 1, c.lin_a, FOREIGN),
                    transfer(c, 2, FOREIGN, c.lin_b),
                ),
            )
        ),
        "transfers.1.dst, transfers.2.src",
    ),
    "question": (
        lambda c: c.bank_a.ask_before_offer(accounts=[c.lin_a, FOREIGN], person=c.lin),
        "accounts.1",
    ),
    "check": (lambda c: c.bank_a.check(FOREIGN), "account"),
    "trace": (lambda c: c.bank_a.trace(TraceRequest(account=FOREIGN, taint_from=0)), "account"),
    "cause gone": (lambda c: c.bank_a.cause_gone(person=FOREIGN, reference=WORD), "person"),
    "word": (
        lambda c: c.bank_a.confirm_holder(account=FOREIGN, person=c.lin, holds=True, reference=WORD),
        "account",
    ),
    "notice": (lambda c: notify(c, account=c.lin_a, person=FOREIGN), "person"),
}


@pytest.mark.parametrize("route", SENT)
def test_tokens_of_a_foreign_epoch_are_refused_with_their_place(cast: Cast, route: str) -> None:
    cast.offer()
    send, places = SENT[route]
    with pytest.raises(Rejected) as refused:
        send(cast)
    assert refused.value.reason is Reason.EPOCH_UNKNOWN
    assert "epoch 1; of another one: " in str(refused.value)
    assert str(refused.value).endswith(places)
    assert cast.world.hub.next_transfer == 0
    assert cast.world.hub.book.bank_of(FOREIGN) is None


def test_every_token_of_every_message_is_looked_at() -> None:
    """A member of this type under another name would slip through."""
    found = set()
    for module in (passport.fraud.requests, passport.fraud.messages):
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__module__ == module.__name__:
                for name, member in kind.model_fields.items():
                    kinds = {member.annotation, *get_args(member.annotation)}
                    parts = {*kinds, *(part for one in kinds for part in get_args(one))}
                    if Token in parts:
                        found.add(name)
    assert found - TOKEN_MEMBERS == {"accounts", "warning_account"}  # the latter is in answers alone


def test_two_epochs_in_one_row_are_refused_and_each_alone_is_taken(cast: Cast) -> None:
    """While one epoch takes over from another, both are in use; said of one account they would never meet."""
    hub, now = cast.world.hub, cast.world.clock.now()
    ends = now + timedelta(hours=1)
    first = replace(hub.epochs.all()[0], until=ends)
    hub.epochs = Epochs([first, Epoch(EvaluationKey(b"s" * 32, 2), now, None)])
    in_two, person_two = make_token(2, b"a" * 32), make_token(2, b"p" * 32)
    cast.bank_a.link_accounts([HeldAccount(cast.lin_a, cast.lin), HeldAccount(in_two, person_two)])
    other = make_token(2, b"o" * 32)
    with pytest.raises(Rejected) as mixed:
        cast.bank_a.link_accounts([HeldAccount(cast.lin_a, cast.lin), HeldAccount(other, cast.lin)])
    assert mixed.value.reason is Reason.EPOCH_UNKNOWN
    assert str(mixed.value).endswith("links.1")
    with pytest.raises(Rejected, match="the message"):
        notify(cast, account=cast.lin_a, person=person_two)
    cast.world.clock.moved += timedelta(hours=2)
    with pytest.raises(Rejected) as ended:
        cast.bank_a.link_accounts([HeldAccount(cast.lin_a, cast.lin)])
    assert ended.value.reason is Reason.EPOCH_UNKNOWN


@pytest.mark.parametrize(
    "bad",
    [
        "1." + "A" * 42 + "B",
        "1." + "A" * 42,
        "01." + "A" * 43,
        "1." + "A" * 42 + "=",
        " 1." + "A" * 43,
        "A" * 43,
    ],
)
def test_tokens_in_another_form_are_refused_with_every_row(cast: Cast, bad: str) -> None:
    """``B`` at the end is a second spelling of the same bytes: it would be another account for ever."""
    good = str(cast.lin_a)
    links = [{"account": bad if n in {1, 3} else good, "person": str(cast.lin)} for n in range(4)]
    connection = cast.world.connection(cast.a)
    with pytest.raises(Rejected) as refused:
        connection.post(ACCOUNTS_PATH, Loose(links=links), answer=Acknowledged, method="PUT")
    assert "(malformed)" in str(refused.value)
    assert "links.1.account" in str(refused.value)
    assert "links.3.account" in str(refused.value)
    rows = [
        {
            "id": f"transfer-{n:08d}",
            "src": good,
            "dst": bad if n == 2 else good,
            "at_ms": 1,
            "amount_minor": 1,
        }
        for n in range(3)
    ]
    with pytest.raises(Rejected, match=r"transfers\.2\.dst"):
        connection.post(TRANSFERS_PATH, Loose(batch="bank-a-batch-1", transfers=rows), answer=Acknowledged)
    assert cast.world.hub.book.bank_of(cast.lin_a) is None
    with pytest.raises(Malformed):
        read_token(bad)


def test_elements_that_are_none_are_named_by_row(cast: Cast) -> None:
    good = b64u_encode(cast.world.hub.epochs.key(1, at=cast.world.clock.now()).public_key)
    elements = [good, b64u_encode(b"\xff" * 32), good, b64u_encode(bytes(32))]
    with pytest.raises(Rejected) as refused:
        cast.world.connection(cast.a).post(EVALUATE_PATH, Loose(epoch=1, elements=elements), answer=Evaluated)
    assert str(refused.value).endswith("elements.1, elements.3")


def test_an_acknowledgement_says_how_many_own_accounts_were_known(cast: Cast) -> None:
    """Nought of many is what a bank sees that sends its batch under wrong names; of others' accounts it sees nothing."""
    first = cast.bank_a.link_accounts([HeldAccount(cast.lin_a, cast.lin)])
    assert (first.accounts, first.known) == (1, 0)
    again = cast.bank_a.link_accounts([HeldAccount(cast.lin_a, cast.lin)])
    assert (again.accounts, again.known) == (1, 1)
    unlinked = make_token(1, b"u" * 32)
    batch = TransferBatch(
        batch="bank-a-batch-0001",
        transfers=(transfer(cast, 0, cast.lin_a, cast.lin_b), transfer(cast, 1, unlinked, cast.lin_b)),
    )
    sent = cast.bank_a.send_transfers(batch)
    assert (sent.accounts, sent.known) == (2, 1)
    known = cast.bank_b.link_accounts([HeldAccount(cast.lin_b, cast.lin)])
    assert (known.accounts, known.known) == (1, 0)
