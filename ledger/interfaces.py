"""The contracts' interface descriptions: calls, results, events and errors between bytes and values.

The descriptions in ``contracts_abi/`` are compiled from ``contracts/`` (a test fails when they are stale). Encoding
is eth-abi's; keccak-256 is eth-hash's. Both are imported when first used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final, TypeAlias

from ledger.rpc import unavailable
from ledger.settings import ContractName
from passport.errors import Malformed

AbiValue: TypeAlias = "bool | int | str | bytes | Sequence[AbiValue]"
_SELECTOR: Final = 4


def keccak(content: bytes) -> bytes:
    """keccak-256, as Ethereum uses it (not SHA3-256)."""
    from eth_hash.auto import keccak as compute  # noqa: PLC0415 - its backend is loaded when first used

    digest: bytes = compute(content)
    return digest


@dataclass(frozen=True, slots=True)
class _Entry:
    """One function, event or error of a description."""

    name: str
    types: tuple[str, ...]
    names: tuple[str, ...]
    indexed: tuple[bool, ...]
    outputs: tuple[str, ...]

    @property
    def signature(self) -> str:
        return f"{self.name}({','.join(self.types)})"


@dataclass(frozen=True, slots=True)
class DecodedEvent:
    """An event of one of our contracts, its values by name."""

    contract: ContractName
    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DecodedError:
    """A custom error with its arguments: what a contract said when it refused."""

    name: str
    arguments: tuple[Any, ...]


def _type(component: dict[str, Any]) -> str:
    kind: str = component["type"]
    if kind.startswith("tuple"):
        return f"({','.join(_type(inner) for inner in component['components'])}){kind[5:]}"
    return kind


def _entry(item: dict[str, Any]) -> _Entry:
    inputs = item.get("inputs", [])
    return _Entry(
        name=item.get("name", ""),
        types=tuple(_type(one) for one in inputs),
        names=tuple(one["name"] for one in inputs),
        indexed=tuple(bool(one.get("indexed")) for one in inputs),
        outputs=tuple(_type(one) for one in item.get("outputs", [])),
    )


class Interface:
    """One contract's description."""

    def __init__(self, name: ContractName) -> None:
        """Read the committed description."""
        text = resources.files("ledger").joinpath("contracts_abi", f"{name}.json").read_text("utf-8")
        description = json.loads(text)
        self.name = name
        self.slots: Mapping[str, int] = description["slots"]
        self.abi: list[dict[str, Any]] = description["abi"]
        self.creation_code = bytes.fromhex(description["bytecode"][2:])
        by_kind: dict[str, list[_Entry]] = {}
        for item in description["abi"]:
            by_kind.setdefault(item["type"], []).append(_entry(item))
        # The stock registry overloads nothing that is public, and neither do ours: a name is enough.
        self._functions = {entry.name: entry for entry in by_kind["function"]}
        self._events = {keccak(entry.signature.encode()): entry for entry in by_kind.get("event", [])}
        self._errors = {
            keccak(entry.signature.encode())[:_SELECTOR]: entry for entry in by_kind.get("error", [])
        }

    @property
    def event_topics(self) -> tuple[bytes, ...]:
        """The first topic of each event that the contract can emit and we know."""
        return tuple(self._events)

    def call(self, function: str, *arguments: AbiValue) -> bytes:
        """What to send to ask a function."""
        entry = self._functions[function]
        return keccak(entry.signature.encode())[:_SELECTOR] + _encode(entry.types, arguments)

    def result(self, function: str, content: bytes) -> tuple[Any, ...]:
        """What a function returned.

        Raises:
            Unavailable: these bytes are not what the function returns; there may be no contract at this address.
        """
        try:
            return _decode(self._functions[function].outputs, content)
        except Malformed as wrong:
            raise unavailable(f"expected what {self.name}.{function} returns, got something else") from wrong

    def event(self, topics: Sequence[bytes], content: bytes) -> DecodedEvent | None:
        """An event of this contract, or nothing if it is none that we know.

        Raises:
            Malformed: its name is known and its bytes do not fit.
        """
        entry = self._events.get(topics[0]) if topics else None
        if entry is None:
            return None
        in_topics = [kind for kind, indexed in zip(entry.types, entry.indexed, strict=True) if indexed]
        if len(in_topics) != len(topics) - 1:
            raise Malformed(
                f"expected {len(in_topics)} indexed values in {entry.name}, got {len(topics) - 1}"
            )
        indexed_values = iter(
            [_decode((kind,), topic)[0] for kind, topic in zip(in_topics, topics[1:], strict=True)]
        )
        in_data = [kind for kind, indexed in zip(entry.types, entry.indexed, strict=True) if not indexed]
        data_values = iter(_decode(tuple(in_data), content))
        values = {
            name: next(indexed_values if indexed else data_values)
            for name, indexed in zip(entry.names, entry.indexed, strict=True)
        }
        return DecodedEvent(self.name, entry.name, values)

    def error(self, content: bytes) -> DecodedError | None:
        """The custom error in a revert's bytes, or nothing if it is none of this contract's."""
        entry = self._errors.get(content[:_SELECTOR])
        if entry is None:
            return None
        try:
            return DecodedError(entry.name, _decode(entry.types, content[_SELECTOR:]))
        except Malformed:
            return None


@cache
def interface(name: ContractName) -> Interface:
    """A contract's description, read once."""
    return Interface(name)


def revert_reason(content: bytes) -> DecodedError | None:
    """The error behind a revert, whichever contract it came from; a plain ``require`` text is an ``Error``."""
    for name in ContractName:
        found = interface(name).error(content)
        if found is not None:
            return found
    if content[:_SELECTOR] == keccak(b"Error(string)")[:_SELECTOR]:
        try:
            return DecodedError("Error", _decode(("string",), content[_SELECTOR:]))
        except Malformed:
            return None
    return None


def _encode(types: Sequence[str], values: Sequence[AbiValue]) -> bytes:
    from eth_abi.abi import encode  # noqa: PLC0415 - 0.4 s, when first used

    return encode(types, values)


def _decode(types: Sequence[str], content: bytes) -> tuple[Any, ...]:
    from eth_abi.abi import decode  # noqa: PLC0415 - 0.4 s, when first used
    from eth_abi.exceptions import DecodingError  # noqa: PLC0415

    try:
        decoded: tuple[Any, ...] = decode(types, content)
    except (DecodingError, OverflowError, UnicodeDecodeError) as wrong:
        raise Malformed(f"expected {','.join(types)} in {len(content)} bytes") from wrong
    return decoded
