import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport import forms
from passport.errors import Malformed

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.dictionaries(TEXT.filter(bool), TEXT, max_size=forms.MAX_FIELDS))
def test_a_form_reads_back_what_it_wrote(fields: dict[str, str]) -> None:
    assert forms.read_form(forms.write_form(fields), max_bytes=100_000) == fields


@given(st.dictionaries(TEXT.filter(bool), TEXT, max_size=5))
def test_a_link_reads_back_what_it_wrote(fields: dict[str, str]) -> None:
    assert forms.read_link(forms.write_link("openid4vp", fields), scheme="openid4vp") == fields


@pytest.mark.parametrize(
    "body",
    [
        b"a=1&a=2",
        b"a=1&=&b",
        b"nonsense",
        b"a=%ff%fe",
        "a=ü".encode(),
        b"&".join(b"f%d=1" % i for i in range(forms.MAX_FIELDS + 1)),
    ],
)
def test_ambiguous_or_unreadable_forms_are_malformed(body: bytes) -> None:
    with pytest.raises(Malformed, match="form"):
        forms.read_form(body, max_bytes=10_000)


def test_the_size_limit_is_inclusive() -> None:
    assert forms.read_form(b"a=12345", max_bytes=7) == {"a": "12345"}
    with pytest.raises(Malformed, match="at most 6 bytes, got 7"):
        forms.read_form(b"a=12345", max_bytes=6)


@pytest.mark.parametrize(
    "link",
    [
        "https://?a=1",
        "openid4vp://?a=1#b",
        "openid4vp://[?a=1",
        "openid4vp://?a=1&a=2",
        "openid4vp://?" + "a" * forms.MAX_LINK_CHARACTERS,
    ],
)
def test_other_links_are_malformed(link: str) -> None:
    with pytest.raises(Malformed):
        forms.read_link(link, scheme="openid4vp")


def test_a_link_without_parameters_has_none() -> None:
    assert forms.read_link(" openid4vp:// ", scheme="openid4vp") == {}
