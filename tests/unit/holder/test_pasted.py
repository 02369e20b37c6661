"""Links and transaction codes as people paste them: understood as they were meant, and never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holder.pasted import pasted_code, pasted_link

OFFER = "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fbank-a.example%2Foffers%2Fq1-_Wz"
REQUEST = "openid4vp://?client_id=x509_hash%3AaB-_1&request_uri=https%3A%2F%2Fbank-x.example%2Fr%2F1&request_uri_method=post"


@pytest.mark.parametrize("link", [OFFER, REQUEST])
@pytest.mark.parametrize(
    "pasted",
    [
        "{}",
        "  {}\r\n",
        '"{}"',
        "'{}'",
        "<{}>",
        "`{}`",
        "\u201c{}\u201d",
        "Offer:            {}",
        "要約連結：{}。",
        "請開啟「{}」以接受",
        "[open]({})",
        "\u200b{}\ufeff",
        "{}\nTransaction code: 457683   (give it to the customer by another channel)\nNext: passport wallet accept",
        "{}\n\nRegards,\nBank A",
        "{0:.40}\n{1}",
        "{0:.40}\r\n   {1}",
        "> {0:.40}\n> {1}",
    ],
)
def test_link_is_found_in_what_was_pasted(link: str, pasted: str) -> None:
    broken = "{0:.40}" in pasted
    assert pasted_link(pasted.format(link, link[40:]) if broken else pasted.format(link)) == link


def test_link_copied_from_the_source_of_a_page_loses_its_entities() -> None:
    assert pasted_link(REQUEST.replace("&", "&amp;")) == REQUEST


@pytest.mark.parametrize("text", ["", "not a link", "https://bank.example/x", "/home/link"])
def test_what_holds_no_link_is_handed_on(text: str) -> None:
    assert pasted_link(f" {text}\n") == text


@given(st.text(max_size=300))
def test_any_text_is_survived_and_reading_twice_changes_nothing(text: str) -> None:
    once = pasted_link(text)
    assert pasted_link(once) == once
    pasted_code(text, numeric=True, length=6)
    pasted_code(text, numeric=False, length=None)


@pytest.mark.parametrize(
    "typed",
    [
        "457683",
        " 457683",
        "457 683",
        "4 5 7 6 8 3",
        "457-683",
        "457\u2011683",
        "457\u00a0683",
        "457.683",
        "\uff14\uff15\uff17\uff16\uff18\uff13",
        "\uff14\uff15\uff17\uff0d\uff16\uff18\uff13",
        "\u0664\u0665\u0667\u0666\u0668\u0663",
        "Code: 457683",
        "code 1: 457683",
        "交易驗證碼：\uff14\uff15\uff17 \uff16\uff18\uff13（請勿告知他人）",
        "Transaction code: 457683   (give it to the customer by another channel)",
        "\u201c457683\u201d\n",
    ],
)
def test_code_is_found_in_what_was_typed(typed: str) -> None:
    assert pasted_code(typed, numeric=True, length=6) == "457683"


@pytest.mark.parametrize("typed", ["45768", "4576831", "457683 or 123456", "none", ""])
def test_what_is_no_code_is_not_made_one(typed: str) -> None:
    assert pasted_code(typed, numeric=True, length=6) == typed


@pytest.mark.parametrize(
    ("typed", "length", "code"),
    [
        ("ab-cd1", 6, "ab-cd1"),
        (" abcd12 ", 6, "abcd12"),
        ("abc d12", 6, "abcd12"),
        ("abc-d12", 6, "abcd12"),
        ("Code: abcd12", 6, "abcd12"),
        ("\uff21\uff22\uff23\uff24\uff11\uff12", 6, "ABCD12"),
        ("a-b:c", None, "a-b:c"),
    ],
)
def test_code_of_letters_is_changed_only_where_it_would_not_fit(
    typed: str, length: int | None, code: str
) -> None:
    assert pasted_code(typed, numeric=False, length=length) == code
