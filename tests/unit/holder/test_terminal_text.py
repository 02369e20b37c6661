"""Threat T26: no byte of a stranger's text steers the terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holder.terminal_text import safe_text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Bank\x1b[31mX", "Bank[31mX"),
        ("\x1b]52;c;ZXZpbA==\x07Bank", "]52;c;ZXZpbA==Bank"),
        ("\x9b31mBank", "31mBank"),
        ("Bank\u202egnihsihp", "Bankgnihsihp"),
        ("Ba\u200bnk\ufeff", "Bank"),
        ("one\ntwo\u2028three", "one two three"),
        ("e\u0301", "é"),
        ("xn--bnk-0na.example", "xn--bnk-0na.example"),
        ("林美玲", "林美玲"),
    ],
)
def test_stranger_text_becomes_one_harmless_line(text: str, safe: str) -> None:
    assert safe_text(text) == safe


@given(st.text())
def test_whatever_comes_no_control_or_format_character_is_left(text: str) -> None:
    assert not {unicodedata.category(each) for each in safe_text(text)} & {"Cc", "Cf", "Cs", "Co", "Cn"}


def test_long_text_is_cut_with_a_sign() -> None:
    assert safe_text("x" * 50, limit=10) == "x" * 9 + "…"
