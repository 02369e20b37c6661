"""Looking for what must not be there: personal data in logs and on the chain, in every form in which it could hide."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.world import Customer

_SHORTEST = 6
NOT_OF_ONE_PERSON = frozenset(
    {
        # Words that many share. Every other leaf of a customer in the bank's file is looked for, one added tomorrow too.
        "nationality", "document.type", "document.country", "assurance_level", "accounts.scheme", "accounts.bank_code",
        "accounts.branch", "accounts.kind", "accounts.currency", "accounts.ownership",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Canary:
    """Something that is known of a customer: what it is, and how a person would write it."""

    what: str
    text: str


def canaries_of(customers: Iterable[Customer]) -> tuple[Canary, ...]:
    """Names, numbers, birth dates and today's balances, as written in minor and in whole units."""
    found = []
    for one in customers:
        found += [
            Canary("name", one.name_latin),
            Canary("name", one.name_latin.partition(" ")[2]),
            Canary("name", one.name_zh),
            Canary("person", one.national_id),
            Canary("document", one.document_number),
            Canary("birth date", one.birth_date.isoformat()),
        ]
        for account in one.accounts:
            balance = account.closing_minor[-1]
            found += [
                Canary("account", account.number),
                Canary("account", account.canonical),
                Canary("balance", str(balance)),
                Canary("balance", str(balance // 100)),
                Canary("balance", f"{balance // 100:,}"),
            ]
    # Five digits may be a port.
    return tuple(canary for canary in found if len(canary.text) >= _SHORTEST or not canary.text.isascii())


def canaries_of_bank_file(document: Mapping[str, Any]) -> tuple[Canary, ...]:
    """Whatever the bank's file says of its customers, by construction: each leaf, and the other ways to write it.

    Short ones (a customer's key may be a surname of two letters) count, too: look for them with ``in_text`` or ``as_words``.
    """
    found: dict[Canary, None] = {}
    for customer in document["customers"]:
        for place, leaf in _leaves(customer, ""):
            if place in NOT_OF_ONE_PERSON:
                continue
            for text in _ways_to_write(leaf):
                found[Canary(place, text)] = None
        found[Canary("person", f"{customer['nationality']}:{customer['person_id']}")] = None
        for one in customer["accounts"]:
            if one["scheme"] == "TW":
                found[Canary("account", f"TW:{one['bank_code']}:{one['branch']}:{one['number']}")] = None
    return tuple(canary for canary in found if not _is_small_number(canary.text))


def _leaves(value: object, place: str) -> Iterator[tuple[str, object]]:
    """Each leaf with the names on the way to it; of a list of figures the last, which is today's."""
    match value:
        case dict():
            for name, part in value.items():
                yield from _leaves(part, f"{place}.{name}".lstrip("."))
        case list() if value and not isinstance(value[-1], dict | list):
            yield place, value[-1]
        case list():
            for part in value:
                yield from _leaves(part, place)
        case _:
            yield place, value


def _ways_to_write(leaf: object) -> Iterator[str]:
    if isinstance(leaf, bool) or leaf is None:
        return
    text = str(leaf)
    yield text
    if isinstance(leaf, int):
        yield from (str(leaf // 100), f"{leaf // 100:,}")
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        year, month, day = text.split("-")
        yield from (f"{year}{month}{day}", f"{year}/{month}/{day}", f"{int(year) - 1911:03d}{month}{day}")
    for separator in {" ", "-"} & set(text):
        if not text.isdigit() and not re.fullmatch(r"[\d-]+", text):
            yield text.replace(separator, "")
            yield from (part for part in text.split(separator) if len(part) > 1)


def _is_small_number(text: str) -> bool:
    """A number that may be a port, a count or a year by chance."""
    return text.replace(",", "").isdigit() and len(text) < _SHORTEST


def as_words(data: bytes, canaries: Iterable[Canary]) -> set[Canary]:
    """Those that stand in the bytes by themselves: a short one is in much base64 by chance, but not with an end beside it."""
    text = data.decode("latin-1")
    return {
        canary
        for canary in canaries
        for form in {canary.text.encode().decode("latin-1"), json.dumps(canary.text)[1:-1]}
        if form in text
        and (
            re.search(rf"(?<![0-9A-Za-z]){re.escape(form)}(?![0-9A-Za-z_-])", text)
            or re.search(rf"(?<![0-9A-Za-z_-]){re.escape(form)}(?![0-9A-Za-z])", text)
        )
    }


def in_database(path: Path, canaries: Sequence[Canary]) -> set[Canary]:
    """Those that a SQLite file keeps: long ones in any byte of it, short ones in its values that are text.

    Among millions of random bytes each word of two letters stands somewhere by itself.
    """
    long = [one for one in canaries if len(one.text.encode()) >= _SHORTEST]
    short = [one for one in canaries if len(one.text.encode()) < _SHORTEST]
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = (row for name in tables for row in database.execute(f'SELECT * FROM "{name}"'))  # noqa: S608 - its own names
        texts = {value for row in rows for value in row if isinstance(value, str)}
    return as_words(path.read_bytes(), long) | as_words("\n".join(texts).encode(), short)


def in_text(text: str, canaries: Iterable[Canary]) -> set[Canary]:
    """Those that a log holds, as they are or as JSON escapes them; a number only where it stands by itself."""
    return {
        canary
        for canary in canaries
        for form in {canary.text, canary.text.encode("ascii", "backslashreplace").decode()}
        if re.search(rf"(?<![0-9A-Za-z.]){re.escape(form)}(?![0-9A-Za-z])", text)
    }


def in_bytes(data: bytes, forms: Mapping[bytes, Canary]) -> set[Canary]:
    """Those of which some form is in the bytes."""
    return {canary for form, canary in forms.items() if form in data}


def forms_on_a_chain(canaries: Iterable[Canary]) -> dict[bytes, Canary]:
    """Every form that is long enough not to be there by chance: text, hexadecimal, base64, words, and bare hashes."""
    forms: dict[bytes, Canary] = {}
    for canary in canaries:
        raw = canary.text.encode()
        texts = {raw, raw.lower(), canary.text.encode("utf-16-le"), canary.text.encode("utf-16-be")}
        shapes = {*texts, raw.hex().encode(), raw.hex().upper().encode()}
        # Base64 of a longer text has the value at one of three offsets; its inner characters are the same.
        for offset in range(3):
            shapes.add(base64.b64encode(bytes(offset) + raw)[4:-4])
        shapes |= {hashlib.sha256(raw).digest(), hashlib.sha512(raw).digest(), hashlib.sha1(raw).digest()}  # noqa: S324 - what to look for
        if canary.text.isdigit():
            # As a word of the chain's own: 32 bytes, big endian.
            shapes.add(int(canary.text).to_bytes(32))
        forms |= {shape: canary for shape in shapes if len(shape) >= 6}
    return forms
