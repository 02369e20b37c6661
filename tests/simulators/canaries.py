"""Looking for what must not be there: personal data in logs and on the chain, in every form in which it could hide."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sandbox.world import Customer

_SHORTEST = 6


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
