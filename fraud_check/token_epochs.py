"""Tokens that no question will ever match are refused where they arrive: of an epoch that ended or never was, or mixed.

A token says which key made it, and tokens of two epochs never compare equal. Taken silently, a link or a transfer under a
foreign epoch would read as *clean* for ever. The refusal names every place, so that a bank finds the rows of its batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Final

from fraud_check.epochs import Epochs
from passport.errors import Reason, Rejected
from passport.fraud import Token, epoch_of
from passport.messages import Message

TOKEN_MEMBERS: Final = frozenset({"account", "person", "src", "dst"})
"""What a token is called in a message; a list of them is called ``accounts``."""
_PLACES_NAMED: Final = 50


def require_usable_epochs(epochs: Epochs, message: Message, *, at: datetime) -> None:
    """Refuse a message with tokens under a key that is not in use, or of two keys where one thing is said of both.

    Raises:
        Rejected: EPOCH_UNKNOWN, naming the places by number from 0.
    """
    usable = epochs.usable(at=at)
    foreign: list[str] = []
    mixed: list[str] = []
    for place, tokens in _rows(message, ""):
        found = {name: epoch_of(token) for name, token in tokens}
        wrong = [f"{place}{name}" for name, epoch in found.items() if epoch not in usable]
        foreign += wrong
        if not wrong and len(set(found.values())) > 1:
            mixed.append(place.rstrip(".") or "the message")
    if foreign:
        numbers = " or ".join(str(number) for number in sorted(usable))
        raise Rejected(
            Reason.EPOCH_UNKNOWN, f"expected tokens of epoch {numbers}; of another one: {_named(foreign)}"
        )
    if mixed:
        raise Rejected(Reason.EPOCH_UNKNOWN, f"expected tokens of one epoch together; mixed: {_named(mixed)}")


def _named(places: list[str]) -> str:
    more = len(places) - _PLACES_NAMED
    shown = ", ".join(places[:_PLACES_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown


def _rows(message: Message, place: str) -> Iterator[tuple[str, list[tuple[str, Token]]]]:
    """Each thing that is said, with its tokens: the message itself, then every row of its lists."""
    own: list[tuple[str, Token]] = []
    for name in _members(type(message)):
        value = getattr(message, name)
        if isinstance(value, tuple):
            for number, one in enumerate(value):
                if isinstance(one, Message):
                    yield from _rows(one, f"{place}{name}.{number}.")
                elif name == "accounts":
                    own.append((f"{name}.{number}", one))
        elif value is not None:
            own.append((name, value))
    if own:
        yield place, own


@cache
def _members(kind: type[Message]) -> tuple[str, ...]:
    lists = {"accounts", "links", "transfers"}
    return tuple(name for name in kind.model_fields if name in TOKEN_MEMBERS | lists)
