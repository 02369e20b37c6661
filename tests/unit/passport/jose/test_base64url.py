import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import Malformed
from passport.jose import b64u_decode, b64u_encode


@given(st.binary(max_size=100))
def test_bytes_go_there_and_back(raw: bytes) -> None:
    assert b64u_decode(b64u_encode(raw)) == raw


@given(st.text(max_size=12))
def test_every_text_is_refused_or_the_only_spelling_of_its_bytes(text: str) -> None:
    try:
        raw = b64u_decode(text)
    except Malformed:
        return
    assert b64u_encode(raw) == text


@pytest.mark.parametrize(
    "text",
    ["A", "AB", "AQ==", "AQ=", "A+/A", "AA AA", "AA\nAA", "AAAA\n", "ÄAAA", "AAAAA", "AA=A", "=", "-_-_é"],
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        b64u_decode(text)
