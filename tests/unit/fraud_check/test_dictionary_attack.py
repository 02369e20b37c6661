"""T34: somebody with a dump of the hub's database, and even the consortium's key, finds no account in it.

The attack is the obvious one: compute for every possible number whatever a thief can compute, and look it up. Against
hashes it wins at once, which the second test shows with the very same code.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from fraud_check.client import ConsortiumKey, HeldAccount, account_subject
from fraud_check.tokens import BlindedBatch, EvaluationKey
from passport.jose import b64u_decode
from tests.simulators.hub_cast import Cast
from tests.simulators.hub_world import KEY

CANDIDATES = 10_000_000 if os.environ.get("PASSPORT_TEST_COUNTS") == "long" else 20_000
VICTIM = 12_345


def number(n: int) -> str:
    return f"TW:822:0001:{n:012d}"


def guesses(text: str, key: ConsortiumKey) -> Iterator[bytes]:
    """What can be computed of a number without the hub's key."""
    plain = text.encode()
    yield hashlib.sha256(plain).digest()
    keyed = key.token_input(account_subject(text))
    yield keyed
    yield hashlib.sha256(keyed).digest()
    yield hashlib.sha512(keyed).digest()[:32]


def attack(stolen: Iterable[bytes], key: ConsortiumKey, candidates: int) -> list[str]:
    """The numbers that were found."""
    wanted = set(stolen)
    return [text for text in map(number, range(candidates)) if any(g in wanted for g in guesses(text, key))]


def dump(database: Path) -> list[bytes]:
    """Every 32-byte value that stands in the hub's tables as a token."""
    connection = sqlite3.connect(database)
    try:
        text = " ".join(line for line in connection.iterdump())
    finally:
        connection.close()
    parts = text.replace('"', " ").replace("'", " ").split()
    tokens = [part.partition(".")[2] for part in parts if part.startswith("1.") and len(part) == 45]
    return [b64u_decode(token) for token in tokens]


def test_dictionary_attack_on_dump_fails(cast: Cast) -> None:
    subjects = [account_subject(number(n)) for n in (VICTIM, VICTIM + 1)]
    tokens = cast.bank_a.tokens(subjects)
    cast.bank_a.link_accounts([HeldAccount(tokens[one], cast.lin) for one in subjects])
    stolen = dump(cast.world.folder / "hub.sqlite")
    assert {b64u_decode(token.partition(".")[2]) for token in tokens.values()} <= set(stolen)
    assert attack(stolen, KEY, CANDIDATES) == []


def test_the_same_attack_finds_every_hash() -> None:
    subject = account_subject(number(VICTIM))
    assert attack([hashlib.sha256(number(VICTIM).encode()).digest()], KEY, CANDIDATES) == [number(VICTIM)]
    assert attack([KEY.token_input(subject)], KEY, CANDIDATES) == [number(VICTIM)]


def test_a_thief_with_another_hubs_key_finds_nothing(cast: Cast) -> None:
    subject = account_subject(number(VICTIM))
    token = b64u_decode(cast.bank_a.tokens([subject])[subject].partition(".")[2])
    guessed = EvaluationKey(b"a guess of the hub's secret seed", 1)
    batch = BlindedBatch([KEY.token_input(subject)])
    assert batch.finalize(guessed.evaluate(batch.elements), guessed.public_key) != (token,)
