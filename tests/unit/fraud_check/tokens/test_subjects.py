"""One account has one canonical text, and the two kinds never meet."""

from __future__ import annotations

import pytest

from fraud_check.tokens import ConsortiumKey, TokenKind, TokenSubject, account_subject, person_subject
from passport.errors import Malformed, Misconfigured

KEY = ConsortiumKey(b"k" * 32)


def test_spellings_of_one_account_give_one_input() -> None:
    spellings = ["DE89 3704 0044 0532 0130 00", "de89370400440532013000", "DE89-3704-0044-0532-0130-00"]
    assert len({KEY.token_input(account_subject(text)) for text in spellings}) == 1


def test_kinds_are_separate_domains() -> None:
    person = TokenSubject(TokenKind.PERSON, "TW:0001")
    assert KEY.token_input(person) != KEY.token_input(account_subject("TW:822:0001:000012345678"))
    assert len(KEY.token_input(person_subject("tw", "a123456789"))) == 32


def test_another_consortium_key_gives_another_input() -> None:
    subject = account_subject("TW:822:0001:000012345678")
    assert KEY.token_input(subject) != ConsortiumKey(b"j" * 32).token_input(subject)


@pytest.mark.parametrize(
    "text", ["", "822:0001:000012345678", "TW:82:0001:000012345678", "TW:822:0001:12 x", "DE8"]
)
def test_what_is_no_account_is_malformed(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        account_subject(text)
    assert "12" not in str(refused.value)


def test_numbers_and_keys_do_not_show_in_representations() -> None:
    assert "000012345678" not in repr(account_subject("TW:822:0001:000012345678"))
    assert "kkk" not in repr(KEY)


def test_a_short_key_is_ours_to_fix() -> None:
    with pytest.raises(Misconfigured):
        ConsortiumKey(b"k" * 31)
