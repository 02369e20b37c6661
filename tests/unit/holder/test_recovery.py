"""The recovery phrase: published vectors, keys that never change, and mistakes of the person who types it."""

from __future__ import annotations

import pytest

from holder.recovery import RecoveryPhrase
from passport.clock import Entropy
from passport.errors import Malformed

ZERO = "abandon " * 23 + "art"


def test_seed_is_the_one_that_bip39_publishes_without_passphrase() -> None:
    # The all-zero 24-word phrase with an empty passphrase, as several wallets publish it.
    expected = "408b285c123836004f4b8842c89324c1f01382450c0d439af345ba7fc49acf705489c6fc77dbd4e3dc1dd8cc6bc9f043db8ada1e243c4a0eafb290d399480840"
    assert RecoveryPhrase.read(ZERO).seed().secret.hex() == expected


def test_typed_phrase_may_differ_in_case_and_spacing() -> None:
    assert RecoveryPhrase.read("  " + ZERO.upper().replace(" ", "\n ")).words == ZERO


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("abandon " * 12, "got 12"),
        (ZERO.replace("art", "artt"), "word 24"),
        (ZERO.replace("art", "zoo"), "wrong"),
    ],
)
def test_mistyped_phrase_is_malformed_with_a_hint(text: str, message: str) -> None:
    with pytest.raises(Malformed, match=message):
        RecoveryPhrase.read(text)


def test_generated_phrase_is_readable_and_new_each_time(entropy: Entropy) -> None:
    made = {RecoveryPhrase.generate(entropy).words for _ in range(5)}
    assert len(made) == 5
    for words in made:
        assert RecoveryPhrase.read(words).words == words


def test_phrase_gives_the_same_keys_for_ever_and_every_number_its_own() -> None:
    seed = RecoveryPhrase.read(ZERO).seed()
    # Pinned: changing the derivation would lose every credential of every restored wallet.
    assert seed.key(0).public_jwk.thumbprint().hex() == PINNED_KEY_0
    again = RecoveryPhrase.read(ZERO).seed()
    keys = [seed.key(number).public_jwk for number in range(20)]
    assert keys == [again.key(number).public_jwk for number in range(20)]
    assert len(set(keys) | {seed.receipt_key().public_jwk}) == 21


PINNED_KEY_0 = "a74ad3cbaaf361c37ee582a450b906147becbf50c00133858ef968352f4d0ba7"
