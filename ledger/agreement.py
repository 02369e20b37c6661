"""Several nodes that must say the same (T41, F25): where they differ, nothing is known.

Not a majority: whoever controls one node could else buy time for a withdrawn grant by making two others slow. The
newest block is the newest that all of them have; every other answer that facts are made of must be equal. Receipts need
no agreement, since they must add up to a root in a header on which all agree. Leaves out writing, for which one node is
enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from ledger.blocks import BatchingNode, fields, quantity
from ledger.rpc import Json, Rpc, unavailable
from ledger.settings import LedgerSettings

_BLOCK_BY_NUMBER = "eth_getBlockByNumber"
_HEADER = ("number", "hash", "parentHash", "timestamp")
_PROVED: Final = frozenset({"eth_getBlockReceipts", "eth_getTransactionReceipt"})


class AgreeingNodes:
    """Nodes that are asked together and answer together. Raises ``Unavailable`` where they differ."""

    def __init__(self, nodes: Sequence[BatchingNode]) -> None:
        """Ask at least two."""
        self._nodes = tuple(nodes)
        self._pool = ThreadPoolExecutor(len(self._nodes), thread_name_prefix="ledger-node")

    def call(self, method: str, *parameters: Json) -> Json:
        """The answer that all of them give."""
        if method == _BLOCK_BY_NUMBER and parameters[:1] == ("latest",):
            # Honest nodes see a block a moment apart, so each may be one ahead of another.
            heads = [fields(answer) for answer in self._ask(method, *parameters)]
            lowest = min(quantity(head.get("number")) for head in heads)
            return self.call(method, hex(lowest), *parameters[1:])
        answers = self._ask(method, *parameters)
        _require_agreement(method, answers)
        return answers[0]

    def batch(self, calls: Sequence[tuple[str, Sequence[Json]]]) -> list[Json]:
        """The answers that all of them give to several calls."""
        by_node = list(self._pool.map(lambda node: node.batch(calls), self._nodes))
        by_call = [list(answers) for answers in zip(*by_node, strict=True)]
        for (method, _), answers in zip(calls, by_call, strict=True):
            _require_agreement(method, answers)
        return [answers[0] for answers in by_call]

    def close(self) -> None:
        """Stop asking."""
        self._pool.shutdown()

    def _ask(self, method: str, *parameters: Json) -> list[Json]:
        return list(self._pool.map(lambda node: node.call(method, *parameters), self._nodes))


def _require_agreement(method: str, answers: list[Json]) -> None:
    if method in _PROVED:
        return
    if method == _BLOCK_BY_NUMBER:
        # Nodes decorate blocks (size, total difficulty); the hash covers what matters.
        compared = [_header(answer) for answer in answers]
    elif method == "eth_getLogs":
        compared = [_logs(answer) for answer in answers]
    else:
        compared = answers
    if any(one != compared[0] for one in compared[1:]):
        raise unavailable(f"the ledger's nodes disagree about {method}")


def _header(answer: Json) -> Json:
    return None if answer is None else [fields(answer).get(name) for name in _HEADER]


def _logs(answer: Json) -> Json:
    if not isinstance(answer, list):
        raise unavailable("expected a list of logs from the ledger's node")
    names = ("blockHash", "logIndex", "address", "topics", "data")
    return sorted(([_lower(fields(log).get(name)) for name in names] for log in answer), key=str)


def _lower(value: Json) -> Json:
    """Addresses and bytes may come in either letter case."""
    if isinstance(value, list):
        return [_lower(item) for item in value]
    return value.lower() if isinstance(value, str) else value


class Nodes:
    """The node or nodes of some settings: one to write to, and what is read from."""

    def __init__(self, settings: LedgerSettings) -> None:
        """Connects when first asked."""
        self.first = Rpc(settings.rpc_url, settings.call_timeout)
        self._others = [Rpc(url, settings.call_timeout) for url in settings.other_rpc_urls]
        self._agreeing = AgreeingNodes([self.first, *self._others]) if self._others else None

    @property
    def reading(self) -> BatchingNode:
        """What to read from."""
        return self._agreeing or self.first

    def close(self) -> None:
        """Hang up."""
        if self._agreeing is not None:
            self._agreeing.close()
        for node in (self.first, *self._others):
            node.close()
