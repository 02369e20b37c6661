"""A follower before a node that misbehaves."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger import Changes, ContractName, Follower, LedgerSettings
from ledger.blocks import moment
from passport.errors import Rejected, Unavailable
from passport.identifiers import Address
from passport.registry import Role

TRUST, ANCHORS, STATUS = (
    ContractName.TRUST_REGISTRY,
    ContractName.ANCHOR_REGISTRY,
    ContractName.STATUS_REGISTRY,
)
DIDS = ContractName.DID_REGISTRY
BANK = "0x" + "b1" * 20
SCHEMA, ROOT, LIST, KEY = b"s" * 32, b"r" * 32, b"l" * 32, b"k" * 32
START, END = 1_800_000_000, 1_900_000_000

Event = tuple[ContractName, str, dict[str, Any]]


class StillClock:
    time = datetime(2026, 3, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


def granted(number: int) -> Event:
    values = {"number": number, "participant": BANK, "role": 0, "schema": SCHEMA, "validFrom": START}
    return TRUST, "Granted", {**values, "validUntil": END, "evidenceHash": b"e" * 32}


def anchored(root: bytes = ROOT) -> Event:
    return ANCHORS, "Anchored", {"issuer": BANK, "schema": SCHEMA, "grantNumber": 1, "root": root, "size": 64}


def published(version: int) -> Event:
    values = {"issuer": BANK, "list": LIST, "commitment": bytes([version]) * 32, "version": version}
    return STATUS, "StatusPublished", {**values, "freshUntil": END}


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def changes() -> list[Changes]:
    return []


@pytest.fixture
def follower(
    simulated_settings: LedgerSettings, node: Any, clock: StillClock, changes: list[Changes]
) -> Follower:
    return Follower(simulated_settings, clock, changes.append, node=node)


def anchor_of(follower: Follower, root: bytes = ROOT) -> Any:
    return follower.anchor(Address(BANK), SCHEMA, 1, root)


def test_before_the_first_look_nothing_is_known(follower: Follower, node: Any) -> None:
    with pytest.raises(Unavailable):
        follower.grants(Address(BANK), Role.ISSUER)
    node.down = True
    follower.poll()
    with pytest.raises(Unavailable, match="not seen yet: simulated: down"):
        follower.head()


def test_facts_follow_the_events(follower: Follower, node: Any, changes: list[Changes]) -> None:
    node.block(granted(1), (TRUST, "RootAdded", {"root": ROOT}))
    node.block(anchored(), published(1))
    follower.poll()
    assert follower.grants(Address(BANK), Role.ISSUER, SCHEMA)[0].number == 1
    assert follower.grants(Address(BANK), Role.VERIFIER) == ()
    assert follower.trusted_roots() == {ROOT}
    record = anchor_of(follower)
    assert (record.size, record.block.number, record.block.time) == (64, 2, moment(START + 2))
    assert changes[0].anchors == (record,)
    assert [status.version for status in changes[0].statuses] == [1]
    assert follower.anchors_since(1) == (record,)
    assert follower.anchors_since(2) == ()
    node.block((TRUST, "RootRemoved", {"root": ROOT}), (TRUST, "Suspended", {"number": 1}))
    node.block((TRUST, "Withdrawn", {"number": 1, "withdrawnFrom": START + 1}))
    follower.poll()
    grant = follower.grant(1)
    assert grant is not None
    assert (grant.suspended, grant.withdrawn_from) == (True, moment(START + 1))
    assert follower.trusted_roots() == frozenset()
    node.block((TRUST, "Reinstated", {"number": 1}))
    follower.poll()
    grant = follower.grant(1)
    assert grant is not None
    assert not grant.suspended


def test_key_is_added_and_stolen(follower: Follower, node: Any) -> None:
    place = {"participant": BANK, "thumbprint": KEY}
    node.block((TRUST, "SigningKeyAdded", {**place, "validFrom": START, "validUntil": 2**64 - 1}))
    node.block((TRUST, "SigningKeyStolen", {**place, "stolenSince": START + 5}))
    follower.poll()
    key = follower.signing_key(Address(BANK), KEY)
    assert key is not None
    assert key.stolen_since == moment(START + 5)
    assert key.valid_until == datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert follower.signing_keys(Address(BANK)) == (key,)
    assert follower.signing_key(Address("0x" + "cc" * 20), KEY) is None


def attribute(value: bytes, until: int, name: bytes = b"did/svc/OpenID4VCI") -> Event:
    values = {
        "identity": BANK,
        "name": name.ljust(32, b"\0"),
        "value": value,
        "validTo": until,
        "previousChange": 0,
    }
    return DIDS, "DIDAttributeChanged", values


def delegate(who: str, until: int) -> Event:
    kind = b"operator".ljust(32, b"\0")
    values = {"identity": BANK, "delegateType": kind, "delegate": who, "validTo": until, "previousChange": 0}
    return DIDS, "DIDDelegateChanged", values


def test_newest_attribute_that_holds_is_the_service(follower: Follower, node: Any) -> None:
    node.block(granted(1))
    node.block(attribute(b"http://one", END), attribute(b"http://two", END))
    follower.poll()
    assert follower.service_endpoint(Address(BANK), "OpenID4VCI") == "http://two"
    node.block(attribute(b"http://two", 0))
    follower.poll()
    assert follower.service_endpoint(Address(BANK), "OpenID4VCI") == "http://one"
    node.block(attribute(b"http://one", START))
    follower.poll()
    assert follower.service_endpoint(Address(BANK), "OpenID4VCI") is None
    assert follower.service_endpoint(Address(BANK), "OpenID4VP") is None
    assert len(follower.did_events(Address(BANK))) == 4


def test_operators_and_owner_are_those_of_the_head(follower: Follower, node: Any) -> None:
    one, two = "0x" + "01" * 20, "0x" + "02" * 20
    node.block(granted(1))
    node.block(delegate(one, END), delegate(two, END), delegate(one, START))
    follower.poll()
    assert follower.operators(Address(BANK)) == {Address(two)}
    assert follower.owner(Address(BANK)) == Address(BANK)
    node.block((DIDS, "DIDOwnerChanged", {"identity": BANK, "owner": two, "previousChange": 0}))
    follower.poll()
    assert follower.owner(Address(BANK)) == Address(two)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_reorganisation_takes_back_exactly_what_it_replaced(
    follower: Follower, node: Any, changes: list[Changes], depth: int
) -> None:
    node.block(granted(1))
    for root in (b"1" * 32, b"2" * 32, b"3" * 32):
        node.block(anchored(root))
        follower.poll()
    node.reorganise(depth)
    node.block()
    for number in range(depth):
        node.block(anchored(bytes([number]) * 32))
    follower.poll()
    assert changes[-1].rolled_back
    kept = {record.root for record in follower.anchors_since(0)}
    before = {b"1" * 32, b"2" * 32, b"3" * 32}
    assert kept == {root for root in before if int(root[:1]) <= 3 - depth} | {
        bytes([n]) * 32 for n in range(depth)
    }
    assert follower.failure is None


def test_reorganisation_that_drops_a_suspension_brings_the_grant_back(follower: Follower, node: Any) -> None:
    node.block(granted(1))
    node.block((TRUST, "Suspended", {"number": 1}))
    follower.poll()
    node.reorganise(1)
    node.block()
    node.block()
    follower.poll()
    grant = follower.grant(1)
    assert grant is not None
    assert not grant.suspended


def test_gone_node_leaves_the_answers_and_says_since_when(
    follower: Follower, node: Any, clock: StillClock
) -> None:
    node.block(granted(1), anchored())
    follower.poll()
    seen = clock.time
    node.down = True
    clock.time += timedelta(minutes=3)
    follower.poll()
    assert anchor_of(follower) is not None
    assert follower.last_seen_at == seen
    assert isinstance(follower.failure, Unavailable)
    node.down = False
    follower.poll()
    assert follower.last_seen_at == clock.time
    assert follower.failure is None


def test_node_that_shows_a_stale_head_does_not_hide_a_withdrawal(
    follower: Follower, node: Any, clock: StillClock
) -> None:
    node.block(granted(1))
    follower.poll()
    node.block((TRUST, "Withdrawn", {"number": 1, "withdrawnFrom": START}))
    follower.poll()
    seen = clock.time
    clock.time += timedelta(seconds=10)
    node.shown = 1
    follower.poll()
    grant = follower.grant(1)
    assert grant is not None
    assert grant.withdrawn_from is not None
    assert follower.last_seen_at == seen
    assert "2 was seen before" in str(follower.failure)


def test_other_chain_id_is_refused(follower: Follower, node: Any) -> None:
    node.chain_id = 1
    follower.poll()
    assert isinstance(follower.failure, Rejected)
    assert follower.failure.reason == "wrong_chain"


def test_chain_with_another_beginning_is_refused_and_the_facts_stay(follower: Follower, node: Any) -> None:
    node.block(granted(1))
    follower.poll()
    node.reorganise(2)
    for _ in range(5):
        node.block()
    follower.poll()
    assert isinstance(follower.failure, Rejected)
    assert follower.failure.reason == "wrong_chain"
    assert follower.grant(1) is not None


def test_left_out_grant_is_noticed(follower: Follower, node: Any) -> None:
    node.left_out = lambda _: True
    node.block(granted(1))
    follower.poll()
    assert follower.failure is None
    assert follower.grant(1) is not None
    node.block(granted(2))
    follower.poll()
    assert [grant.number for grant in follower.grants(Address(BANK), Role.ISSUER)] == [1, 2]


def test_left_out_status_version_is_noticed_and_nothing_of_that_look_is_kept(
    follower: Follower, node: Any
) -> None:
    node.block(published(1))
    follower.poll()
    node.block(published(2))
    node.block(published(3), (TRUST, "RootAdded", {"root": ROOT}))
    node.left_out = lambda log: log["blockNumber"] == "0x2"
    node.twist = lambda method, _, answer: [] if method == "eth_getBlockReceipts" else answer
    follower.poll()
    assert "expected all receipts of block 2" in str(follower.failure)
    record = follower.status_record(Address(BANK), LIST)
    assert record is not None
    assert record.version == 1
    assert follower.trusted_roots() == frozenset()
    node.left_out = lambda _: False
    follower.poll()
    assert follower.failure is None
    assert [one.version for one in follower.status_records(Address(BANK))] == [3]


def test_chain_that_changes_while_it_is_read_is_read_again(follower: Follower, node: Any) -> None:
    node.block(granted(1))
    node.block(anchored())

    def change() -> None:
        node.during_logs = lambda: None
        node.reorganise(1)
        node.block(anchored(b"x" * 32))

    node.during_logs = change
    follower.poll()
    # All of the chain as it was, or nothing: never some of either.
    assert anchor_of(follower) is not None
    assert anchor_of(follower, b"x" * 32) is None
    follower.poll()
    assert follower.failure is None
    assert anchor_of(follower) is None
    assert anchor_of(follower, b"x" * 32) is not None


@pytest.mark.parametrize("listed", [True, False])
def test_logs_of_another_chain_than_the_header_are_no_answer(
    follower: Follower, node: Any, *, listed: bool
) -> None:
    """A load balancer's two nodes: the header from one, the logs and receipts from the other."""
    node.block(granted(1))
    other = copy.deepcopy(node)
    node.block(anchored())
    other.block(anchored(b"x" * 32))

    def twist(method: str, parameters: Any, answer: Any) -> Any:
        if method == "eth_getBlockReceipts" or (listed and method == "eth_getLogs"):
            return other.call(method, *parameters)
        return [] if method == "eth_getLogs" else answer

    node.twist = twist
    follower.poll()
    with pytest.raises(Unavailable):
        follower.check()
    with pytest.raises(Unavailable):
        follower.head()
    node.twist = lambda _method, _parameters, answer: answer
    follower.poll()
    follower.check()
    assert anchor_of(follower) is not None
    assert anchor_of(follower, b"x" * 32) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "0x" + "99" * 20),
        ("address", "nobody"),
        ("blockNumber", "0x7"),
        ("blockNumber", 1),
        ("blockHash", "0x00"),
        ("logIndex", None),
        ("removed", True),
        ("topics", "0x"),
        ("topics", []),
        ("data", "0x00"),
        ("data", "0xz0"),
    ],
)
def test_log_that_does_not_fit_is_no_answer(follower: Follower, node: Any, field: str, value: object) -> None:
    if value == []:
        node.block(granted(1), spoil=lambda logs: logs[0].update({field: value}))
    else:
        node.logs(node.block(granted(1)))[0][field] = value
    follower.poll()
    if value == []:
        # An event of none of our kinds: the stock registry might have more than we know.
        assert follower.failure is None
        assert follower.grant(1) is None
    else:
        assert isinstance(follower.failure, Unavailable)


def test_same_log_twice_is_no_answer(follower: Follower, node: Any) -> None:
    node.block(anchored())
    node.twist = lambda method, _, answer: answer * 2 if method == "eth_getLogs" else answer
    follower.poll()
    assert isinstance(follower.failure, Unavailable)


def test_unchanged_head_costs_one_call(follower: Follower, node: Any) -> None:
    node.block(granted(1))
    follower.poll()
    node.asked.clear()
    follower.poll()
    assert node.asked == ["eth_getBlockByNumber"]


def test_reading_asks_nobody(follower: Follower, node: Any) -> None:
    node.block(granted(1), anchored())
    follower.poll()
    node.asked.clear()
    assert anchor_of(follower) is not None
    assert follower.grants(Address(BANK), Role.ISSUER)
    assert follower.as_of.number == 1
    assert node.asked == []


def test_fact_counts_only_when_final(
    simulated_settings: LedgerSettings, node: Any, clock: StillClock
) -> None:
    settings = LedgerSettings("http://127.0.0.1:1", 31337, simulated_settings.contracts, confirmations=3)
    follower = Follower(settings, clock, node=node)
    node.block(granted(1), anchored())
    for _ in range(2):
        follower.poll()
        assert follower.as_of.number == 0
        assert anchor_of(follower) is None
        node.block()
    follower.poll()
    assert follower.as_of.number == 1
    assert anchor_of(follower) is not None


def test_waiting_ends_when_the_condition_holds_or_time_is_over(follower: Follower, node: Any) -> None:
    follower.poll()
    assert not follower.wait_until(lambda: anchor_of(follower) is not None, timeout=0.01)
    node.block(granted(1), anchored())
    follower.start()
    try:
        assert follower.wait_until(lambda: anchor_of(follower) is not None, timeout=5)
    finally:
        follower.stop()


def test_listener_that_fails_does_not_stop_the_following(
    simulated_settings: LedgerSettings, node: Any, clock: StillClock
) -> None:
    def fail(_: Changes) -> None:
        raise RuntimeError("simulated")

    follower = Follower(simulated_settings, clock, fail, poll_seconds=0.01, node=node)
    follower.start()
    try:
        node.block(granted(1))
        assert follower.wait_until(
            lambda: follower.last_seen_at is not None and follower.grant(1) is not None, 5
        )
        node.block(anchored())
        assert follower.wait_until(lambda: anchor_of(follower) is not None, 5)
    finally:
        follower.stop()


def test_role_that_no_contract_knows_is_no_answer(follower: Follower, node: Any) -> None:
    contract, name, values = granted(1)
    node.block((contract, name, {**values, "role": 77}))
    follower.poll()
    assert isinstance(follower.failure, Unavailable)


def test_a_slow_node_is_not_seen_later_than_it_was_asked(
    follower: Follower, node: Any, clock: StillClock
) -> None:
    """What happened while the node was answering may not be in its answer, so it vouches for nothing after the question."""
    asked_at = clock.time

    def answer_slowly() -> None:
        clock.time = asked_at + timedelta(seconds=4)

    node.during_logs = answer_slowly
    node.block(granted(1))
    follower.poll()
    assert follower.grant(1) is not None
    assert follower.last_seen_at == asked_at
