"""A ledger's node in memory, with true headers, blooms and receipts: whatever it does wrong, it is told to do.

It can reorganise, lag, leave logs out, vanish, be of another chain, and answer anything with something else (``twist``).
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eth_abi.abi import encode

from ledger.interfaces import keccak
from ledger.proofs.trie import EMPTY_ROOT, root_of
from ledger.rlp import Encodable
from ledger.rlp import encode as rlp
from ledger.rpc import NodeError
from ledger.settings import ContractName
from passport.errors import Reason, Unavailable
from passport.identifiers import Address

SIMULATED_CHAIN_ID = 31337
SIMULATED_CONTRACTS = {name.value: Address(f"0x{number:040x}") for number, name in enumerate(ContractName, 1)}

Event = tuple[ContractName, str, dict[str, Any]]
Log = dict[str, Any]


class SimulatedNode:
    """One node of a chain that exists nowhere else."""

    def __init__(self, contracts: dict[str, Address], chain_id: int = SIMULATED_CHAIN_ID) -> None:
        self.contracts = contracts
        self.chain_id = chain_id
        self.blocks: list[dict[str, Any]] = []
        self.receipts: dict[str, list[dict[str, Any]]] = {}
        self.shown: int | None = None
        self.left_out: Callable[[Log], bool] = lambda _: False
        self.down = False
        self.without: frozenset[str] = frozenset()
        self.longest_answer: int | None = None
        self.during_logs: Callable[[], None] = lambda: None
        self.twist: Callable[[str, Sequence[Any], Any], Any] = lambda _method, _parameters, answer: answer
        self.asked: list[str] = []
        self.block()

    def block(
        self, *events: Event, apart: bool = False, spoil: Callable[[list[Log]], None] | None = None
    ) -> str:
        """Add a block with events, all in one transaction or each in its own; returns its hash.

        ``spoil`` changes the logs before the block is sealed over them: a contract that says so, not a node that lies.
        """
        logs = [self._log(index, *event) for index, event in enumerate(events)]
        if spoil is not None:
            spoil(logs)
        groups = [[log] for log in logs] if apart else [logs] * bool(logs)
        return self.seal(groups)

    def seal(self, groups: Sequence[list[Log]]) -> str:
        """Add a block of transactions that left these logs."""
        number = len(self.blocks)
        transactions = [f"0x{os.urandom(32).hex()}" for _ in groups]
        receipts: list[dict[str, Any]] = [
            {
                "type": "0x2",
                "status": "0x1",
                "cumulativeGasUsed": hex(50_000 * place),
                "logsBloom": f"0x{bloom_of(logs).hex()}",
                "logs": logs,
                "transactionHash": transaction,
            }
            for place, (logs, transaction) in enumerate(zip(groups, transactions, strict=True), 1)
        ]
        header: dict[str, str] = {
            "parentHash": self.blocks[-1]["hash"] if self.blocks else f"0x{bytes(32).hex()}",
            "sha3Uncles": f"0x{os.urandom(32).hex()}",
            "miner": f"0x{bytes(20).hex()}",
            "stateRoot": f"0x{os.urandom(32).hex()}",
            "transactionsRoot": f"0x{EMPTY_ROOT.hex()}",
            "receiptsRoot": f"0x{root_of([encoded_receipt(one) for one in receipts]).hex()}",
            "logsBloom": f"0x{bloom_of([log for logs in groups for log in logs]).hex()}",
            "difficulty": "0x0",
            "number": hex(number),
            "gasLimit": hex(30_000_000),
            "gasUsed": receipts[-1]["cumulativeGasUsed"] if receipts else "0x0",
            "timestamp": hex(1_800_000_000 + number),
            "extraData": "0x",
            "mixHash": f"0x{bytes(32).hex()}",
            "nonce": f"0x{bytes(8).hex()}",
            "baseFeePerGas": "0x0",
        }
        name = f"0x{keccak(rlp([_item(key, value) for key, value in header.items()])).hex()}"
        index = 0
        for receipt in receipts:
            for log in receipt["logs"]:
                place = {"blockNumber": hex(number), "blockHash": name, "blockTimestamp": header["timestamp"]}
                log.update(
                    place, logIndex=hex(index), transactionHash=receipt["transactionHash"], removed=False
                )
                index += 1
        self.blocks.append({**header, "hash": name, "transactions": transactions})
        self.receipts[name] = receipts
        return name

    def logs(self, name: str) -> list[Log]:
        """The logs of a block, as the node keeps them."""
        return [log for receipt in self.receipts[name] for log in receipt["logs"]]

    def reorganise(self, depth: int) -> None:
        """Take back the newest blocks; what is added next replaces them."""
        del self.blocks[len(self.blocks) - depth :]

    def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        answers = [self.call(method, *parameters) for method, parameters in calls]
        self._require_short(answers)
        return answers

    def call(self, method: str, *parameters: Any) -> Any:
        self.asked.append(method)
        if self.down:
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "simulated: down")
        if method in self.without:
            raise NodeError(-32601, "simulated: no such method")
        answer = self._answer(method, parameters)
        self._require_short(answer)
        return self.twist(method, parameters, copy.deepcopy(answer))

    def _require_short(self, answer: Any) -> None:
        if self.longest_answer is not None and len(json.dumps(answer)) > self.longest_answer:
            raise NodeError(-32005, f"simulated: the answer has more than {self.longest_answer} bytes")

    def _answer(self, method: str, parameters: Sequence[Any]) -> Any:
        newest = len(self.blocks) - 1 if self.shown is None else self.shown
        if method == "eth_chainId":
            return hex(self.chain_id)
        if method == "eth_getBlockByNumber":
            number = newest if parameters[0] == "latest" else int(parameters[0], 16)
            return self.blocks[number] if number <= newest else None
        if method == "eth_getBlockReceipts":
            number = int(parameters[0], 16)
            return self.receipts[self.blocks[number]["hash"]] if number <= newest else None
        if method == "eth_getTransactionReceipt":
            every = (one for block in self.blocks for one in self.receipts[block["hash"]])
            return next((one for one in every if one["transactionHash"] == parameters[0]), None)
        if method == "eth_getLogs":
            query = parameters[0]
            found = [
                log
                for block in self.blocks[int(query["fromBlock"], 16) : int(query["toBlock"], 16) + 1]
                for log in self.logs(block["hash"])
                if log["address"] in query["address"]
                and _fits(log, query.get("topics", []))
                and not self.left_out(log)
            ]
            self.during_logs()
            return found
        raise AssertionError(method)

    def _log(self, index: int, contract: ContractName, event: str, values: dict[str, Any]) -> Log:
        topics, content = encode_event(contract, event, values)
        return {
            "address": str(self.contracts[contract]),
            "topics": [f"0x{topic.hex()}" for topic in topics],
            "data": f"0x{content.hex()}",
            "logIndex": hex(index),
        }


def _fits(log: Log, topics: Sequence[str | list[str] | None]) -> bool:
    """Whether a log has the topics asked for, place by place (execution API, ``eth_getLogs``)."""
    return len(log["topics"]) >= len(topics) and all(
        asked is None or topic in asked for topic, asked in zip(log["topics"], topics, strict=False)
    )


def bloom_of(logs: Sequence[Log]) -> bytes:
    """The logs bloom, bit by bit as the yellow paper's section 4.4.1 says it."""
    bloom = bytearray(256)
    for log in logs:
        for item in (log["address"], *log["topics"]):
            digest = keccak(_octets(item))
            for place in (0, 2, 4):
                bit = (digest[place] << 8 | digest[place + 1]) % 2048
                bloom[255 - bit // 8] |= 1 << bit % 8
    return bytes(bloom)


def encoded_receipt(receipt: dict[str, Any]) -> bytes:
    """A receipt of EIP-1559, as it stands in the trie."""
    logs: Encodable = [
        [_octets(log["address"]), [_octets(topic) for topic in log["topics"]], _octets(log["data"])]
        for log in receipt["logs"]
    ]
    gas, bloom = int(receipt["cumulativeGasUsed"], 16), _octets(receipt["logsBloom"])
    return b"\x02" + rlp([int(receipt["status"], 16), gas, bloom, logs])


def encode_event(contract: ContractName, event: str, values: dict[str, Any]) -> tuple[list[bytes], bytes]:
    """An event's topics and data: the other direction of what is tested, written from the ABI specification."""
    text = (Path(__file__).parents[2] / f"ledger/contracts_abi/{contract}.json").read_text()
    description = next(
        item for item in json.loads(text)["abi"] if item["type"] == "event" and item["name"] == event
    )
    inputs = description["inputs"]
    signature = f"{event}({','.join(one['type'] for one in inputs)})"
    topics = [keccak(signature.encode())]
    topics += [encode([one["type"]], [values[one["name"]]]) for one in inputs if one["indexed"]]
    plain = [one for one in inputs if not one["indexed"]]
    return topics, encode([one["type"] for one in plain], [values[one["name"]] for one in plain])


def _octets(value: str) -> bytes:
    return bytes.fromhex(value[2:])


def _item(name: str, value: str) -> int | bytes:
    numbers = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas"}
    return int(value, 16) if name in numbers else _octets(value)
