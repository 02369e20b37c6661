"""What the DID registry says of strangers is not read (F3); what it says of participants is, from the first block on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from ledger import Follower, LedgerSettings, open_ledger
from ledger.rpc import Rpc
from passport.errors import Unavailable
from passport.identifiers import Address
from passport.registry import Role
from tests.simulators.ledger_events import (
    BANK,
    DIDS,
    END,
    OTHER,
    TRUST,
    WHO,
    SteppingClock,
    attribute,
    delegate,
    granted,
    suspended,
)
from tests.simulators.ledger_node import Event, SimulatedNode
from tests.unit.ledger.conftest import World, in_a_year

LISTED = "eth_getLogs"
SERVICE = "OpenID4VCI"


@pytest.fixture
def follower(simulated_settings: LedgerSettings, node: SimulatedNode) -> Follower:
    return Follower(simulated_settings, SteppingClock(), node=node)


def said_of(who: str, value: bytes) -> Event:
    contract, name, values = attribute(value)
    return contract, name, {**values, "identity": who}


def granted_to(number: int, who: str) -> Event:
    contract, name, values = granted(number)
    return contract, name, {**values, "participant": who}


def stranger() -> str:
    return f"0x{os.urandom(20).hex()}"


def test_strangers_events_are_neither_asked_for_nor_kept(follower: Follower, node: SimulatedNode) -> None:
    got: list[Any] = []

    def twist(method: str, _: Sequence[Any], answer: Any) -> Any:
        got.extend([answer] * (method != "eth_getBlockByNumber"))
        return answer

    node.twist = twist
    who = stranger()
    node.block(granted(1))
    node.block(attribute(b"http://bank"))
    for _ in range(70):
        node.block(said_of(who, b"flood" * 200))
    node.block(suspended())
    follower.poll()
    follower.check()
    grant = follower.grant(1)
    assert grant is not None
    assert grant.suspended
    assert follower.service_endpoint(WHO, SERVICE) == "http://bank"
    assert b"flood".hex() not in str(got)
    assert "eth_getBlockReceipts" not in node.asked
    assert not follower._sync.facts.did_events.keys() - {WHO}


@pytest.mark.parametrize("looks", ["at once", "block by block"])
def test_participant_that_appears_later_is_known_with_its_past(
    follower: Follower, node: SimulatedNode, looks: str
) -> None:
    for event in (
        *(attribute(b"http://old"), said_of(stranger(), b"http://stranger"), attribute(b"http://bank")),
        *(delegate(), granted_to(1, OTHER), granted_to(2, BANK)),
    ):
        node.block(event)
        if looks == "block by block":
            follower.poll()
            follower.check()
    follower.poll()
    follower.check()
    assert follower.service_endpoint(WHO, SERVICE) == "http://bank"
    assert [event.block.number for event in follower.did_events(WHO)] == [1, 3, 4]
    assert follower.operators(WHO) == {Address(OTHER)}


def test_past_of_a_participant_is_taken_back_and_read_again_with_its_grant(
    follower: Follower, node: SimulatedNode
) -> None:
    node.block(attribute(b"http://bank"))
    follower.poll()
    node.block(granted(1))
    follower.poll()
    node.block(attribute(b"http://later"))
    follower.poll()
    node.reorganise(2)
    for event in (said_of(stranger(), b"x"), granted(1), granted_to(2, OTHER)):
        node.block(event)
    follower.poll()
    follower.check()
    assert [event.block.number for event in follower.did_events(WHO)] == [1]
    node.reorganise(3)
    node.block()
    node.block()
    node.block()
    node.block()
    follower.poll()
    follower.check()
    assert follower.grants(WHO, Role.ISSUER) == ()
    assert not follower._sync.facts.did_events.get(WHO)
    node.block(granted(1))
    follower.poll()
    assert follower.service_endpoint(WHO, SERVICE) == "http://bank"


def test_past_that_a_node_hides_leaves_the_reader_unready(follower: Follower, node: SimulatedNode) -> None:
    node.block(attribute(b"http://bank"))
    follower.poll()
    node.block(granted(1))
    node.twist = lambda method, _, answer: (
        []
        if method in {LISTED, "eth_getBlockReceipts"} and "http" in str(bytes.fromhex(_hex(answer)))
        else answer
    )
    follower.poll()
    with pytest.raises(Unavailable, match="expected all receipts of block 1"):
        follower.check()
    assert follower.grants(WHO, Role.ISSUER) == ()
    node.twist = lambda _method, _parameters, answer: answer
    follower.poll()
    follower.check()
    assert follower.service_endpoint(WHO, SERVICE) == "http://bank"


def _hex(answer: Any) -> str:
    logs = [log for one in answer for log in one.get("logs", [one])]
    return "".join(log["data"][2:] for log in logs)


def test_more_participants_than_one_question_may_name(follower: Follower, node: SimulatedNode) -> None:
    everybody = [stranger() for _ in range(150)]
    node.block(*(granted_to(number, who) for number, who in enumerate(everybody, 1)))
    follower.poll()
    for who in everybody:
        node.block(said_of(who, who.encode()))
    asked: list[int] = []

    def twist(method: str, parameters: Sequence[Any], answer: Any) -> Any:
        if method == LISTED and "topics" in parameters[0]:
            asked.append(len(parameters[0]["topics"][1]))
        return answer

    node.twist = twist
    follower.poll()
    follower.check()
    assert asked == [64, 64, 22]
    assert [follower.service_endpoint(Address(who), SERVICE) for who in everybody] == everybody


def test_question_about_somebody_else_is_answered_once_it_was_read(
    follower: Follower, node: SimulatedNode
) -> None:
    """Nothing looked at is not nothing found."""
    who = stranger()
    node.block(granted(1), said_of(who, b"http://who"))
    follower.poll()
    with pytest.raises(Unavailable, match="no participant"):
        follower.service_endpoint(Address(who), SERVICE)
    follower.poll()
    follower.check()
    assert follower.service_endpoint(Address(who), SERVICE) == "http://who"
    assert follower.grant(1) is not None
    node.block((TRUST, "RootAdded", {"root": b"r" * 32}), (DIDS, "DIDOwnerChanged", owner_change(who)))
    follower.poll()
    assert follower.owner(Address(who)) == Address(OTHER)


def owner_change(who: str) -> dict[str, Any]:
    return {"identity": who, "owner": OTHER, "previousChange": END}


def test_fresh_reader_of_a_real_chain_gets_participants_words_and_no_strangers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A past before the grant, and a stranger's events, which no answer of the gateway may hold."""
    one, other = world.account(), world.account()
    world.bank.set_attribute("did/svc/OpenID4VCI", b"http://bank", timedelta(days=1))
    for _ in range(3):
        one.set_attribute("x", b"flood" * 200, timedelta(days=1))
    other.add_delegate(one.account.address, timedelta(days=1))
    number = world.registrar.grant(
        other.identity, Role.VERIFIER, valid_until=in_a_year(), evidence_hash=b"e" * 32
    )
    answers: list[Any] = []
    ask = Rpc.call

    def listen(rpc: Rpc, method: str, *parameters: Any) -> Any:
        answers.append(ask(rpc, method, *parameters))
        return answers[-1]

    monkeypatch.setattr(Rpc, "call", listen)
    fresh = open_ledger(world.settings)
    try:
        assert [grant.number for grant in fresh.grants(other.identity, Role.VERIFIER)] == [number]
        assert fresh.operators(other.identity) == {one.account.address}
        assert fresh.service_endpoint(world.bank.identity, SERVICE) == "http://bank"
        assert b"http://bank".hex() in str(answers)
        assert b"flood".hex() not in str(answers)
    finally:
        fresh.close()


def test_ledger_that_asks_anew_reads_of_anybody_it_is_asked_about(world: World) -> None:
    one, other = world.account(), world.account()
    one.add_delegate(other.account.address, timedelta(days=1))
    assert world.ledger.operators(other.identity) == frozenset()
    assert world.ledger.operators(one.identity) == {other.account.address}
