"""A node that does anything at any time: what is known is the truth of some block, or the reader is not ready (T55)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import Follower, LedgerSettings
from passport.errors import PassportError, Reason, Unavailable
from tests.simulators.ledger_events import (
    KINDS,
    SteppingClock,
    anchored,
    fresh,
    granted,
    published,
    reinstated,
    suspended,
)
from tests.simulators.ledger_node import SIMULATED_CHAIN_ID, SIMULATED_CONTRACTS, Event, SimulatedNode

LISTED, RECEIPTS = "eth_getLogs", "eth_getBlockReceipts"
_LIES = st.sampled_from(
    [
        "none",
        "empty",
        "null",
        "halved",
        "doubled",
        "reversed",
        "other block",
        "not a list",
        "altered",
        "error",
    ]
)
_METHODS = st.sets(st.sampled_from([LISTED, RECEIPTS, "eth_getBlockByNumber", "eth_getTransactionReceipt"]))
_MOVES = st.sampled_from(["suspend", "publish", "anchor", "grant", "nothing", "reorganise", "many"])


def _altered(value: Any, seed: int) -> Any:
    """One field of an object, or of the first of a list, with something that does not belong there."""
    if isinstance(value, list):
        return [_altered(value[0], seed), *value[1:]] if value else value
    if not isinstance(value, dict):
        return value
    return {**value, sorted(value)[seed % len(value)]: ["0x01", None, 7, [], {"a": "b"}][seed % 5]}


def _fail() -> Any:
    raise Unavailable(Reason.LEDGER_UNAVAILABLE, "simulated")


def _other(node: SimulatedNode, method: str, seed: int) -> Any:
    block = node.blocks[seed % len(node.blocks)]
    return block if method == "eth_getBlockByNumber" else node.receipts[block["hash"]]


def lie(node: SimulatedNode, kind: str, methods: set[str], seed: int) -> None:
    """Answer some methods so from now on."""

    def listed(change: Callable[[list[Any]], list[Any]]) -> Callable[[str, Any], Any]:
        return lambda _, answer: change(answer) if isinstance(answer, list) else answer

    lies: dict[str, Callable[[str, Any], Any]] = {
        "none": lambda _, answer: answer,
        "empty": lambda *_: [],
        "null": lambda *_: None,
        "halved": listed(lambda answer: answer[seed % 2 :: 2]),
        "doubled": listed(lambda answer: answer * 2),
        "reversed": listed(lambda answer: answer[::-1]),
        "other block": lambda method, _: _other(node, method, seed),
        "not a list": lambda *_: seed,
        "altered": lambda _, answer: _altered(answer, seed),
        "error": lambda *_: _fail(),
    }
    node.twist = lambda method, _, answer: lies[kind](method, answer) if method in methods else answer


class Script:
    """A chain that grows by valid events only."""

    def __init__(self, node: SimulatedNode) -> None:
        self.node = node
        self.grants, self.version = 1, 0
        self.past: list[tuple[int, int]] = []
        self._seal(granted(1))

    def move(self, kind: str) -> None:
        match kind:
            case "suspend":
                self._seal(suspended(), reinstated(), suspended(), apart=True)
            case "publish":
                self.version += 1
                self._seal(published(self.version))
            case "anchor":
                self._seal(anchored(os.urandom(32)), anchored(os.urandom(32)))
            case "grant":
                self.grants += 1
                self._seal(granted(self.grants))
            case "nothing":
                self._seal()
            case "many":
                for _ in range(5):
                    self.move("publish")
            case "reorganise" if len(self.past) > 2:
                self.node.reorganise(2)
                del self.past[-2:]
                self.grants, self.version = self.past[-1]
                for _ in range(3):
                    self._seal()

    def _seal(self, *events: Event, apart: bool = False) -> None:
        self.node.block(*events, apart=apart)
        self.past.append((self.grants, self.version))


def everything(known: Follower) -> object:
    return [question(known) for _, question in KINDS.values()], known.anchors_since(-1), known.as_of


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(_MOVES, _LIES, _METHODS, st.integers(0, 999)), min_size=1, max_size=12))
def test_misbehaving_node_tells_the_truth_or_nothing(script: list[tuple[str, str, set[str], int]]) -> None:
    node = SimulatedNode(SIMULATED_CONTRACTS)
    chain = Script(node)
    follower = Follower(
        LedgerSettings("http://127.0.0.1:1", SIMULATED_CHAIN_ID, SIMULATED_CONTRACTS),
        SteppingClock(),
        node=node,
    )
    for move, kind, methods, seed in script:
        chain.move(move)
        lie(node, kind, methods, seed)
        follower.poll()
        try:
            follower.check()
        except PassportError:
            continue
        if follower.as_of.number == len(node.blocks) - 1:
            assert everything(follower) == everything(fresh(node))
        else:
            # Only a block that was shown as the newest can stand for it.
            assert kind == "other block"
    node.twist = lambda _method, _parameters, answer: answer
    chain.move("nothing")
    for _ in range(3):
        follower.poll()
    follower.check()
    assert everything(follower) == everything(fresh(node))
