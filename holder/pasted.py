"""What a person pastes or hands over, understood as they meant it: links and transaction codes.

Mail programs break links into lines and put them in quotes or angle brackets; banks print codes in groups; keyboards
for Chinese type full-width digits; and one copies the label with the value. Nothing is guessed: where two readings
are possible, or none is, the text is handed on as it came, and whoever reads it says what was expected.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from passport.openid4vci.names import OFFER_SCHEME
from passport.openid4vp.names import SCHEME as REQUEST_SCHEME

_START: Final = re.compile(rf"(?:{OFFER_SCHEME}|{REQUEST_SCHEME}):", re.IGNORECASE)
_URL_TEXT: Final = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+\Z")
_OF_A_LINK: Final = frozenset("=%&")
_WRAPPING: Final = "\"'`<>()[]{}\u201c\u201d\u2018\u2019\u201e\u00ab\u00bb「」『』〈〉《》【】.,;。，；、"
#: Hyphens, dashes and the minus sign, as word processors make them of what one types.
_DASHES: Final = "\u2010-\u2015\u2212-"
_DIGITS: Final = re.compile(rf"\d+(?:[ \t\n\r._/{_DASHES}]{{1,3}}\d+)*", re.ASCII)


def pasted_link(text: str) -> str:
    """The link in what was pasted: without label, quotes and line breaks; the text itself where there is none."""
    visible = "".join(each for each in text if unicodedata.category(each) != "Cf")
    start = _START.search(visible)
    if start is None:
        return visible.strip()
    lines = visible[start.start() :].splitlines()
    link = ""
    for number, line in enumerate(lines):
        taken, whole = _part_of_link(line, first=number == 0)
        link += taken
        if not whole:
            break
    return link.replace("&amp;", "&").rstrip(_WRAPPING)


def _part_of_link(line: str, *, first: bool) -> tuple[str, bool]:
    """What of a line belongs to the link, and whether the next one may go on with it."""
    # Mail quotes what it answers with ">" at the start of a line.
    tokens = line.split() if first else line.lstrip("> ").split()
    if not tokens:
        return "", first
    if not first and len(tokens) > 1 and not _OF_A_LINK & set(tokens[0]):
        return "", False
    taken = ""
    for number, token in enumerate(tokens):
        opens = first and number == 0
        if not opens and (number > 0 and not _OF_A_LINK & set(token)):
            return taken, False
        if not _URL_TEXT.match(token):
            # The link ends inside: a closing bracket, or a sentence that goes on without a blank.
            return taken + _url_start(token), False
        taken += token
        if token[-1] in ">\"'`":
            return taken, False
    return taken, True


def _url_start(token: str) -> str:
    found = re.match(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*", token)
    return found[0] if found else ""


def pasted_code(text: str, *, numeric: bool, length: int | None) -> str:
    """The transaction code in what was pasted or typed; the trimmed text itself where it is not plain."""
    folded = "".join(
        each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf"
    ).strip()
    if not numeric:
        return _text_code(text.strip(), folded, length)
    digits = "".join(str(unicodedata.digit(each, each)) for each in folded)
    found = {re.sub(r"\D", "", each) for each in _DIGITS.findall(digits)}
    fitting = [each for each in found if length in {None, len(each)}]
    return fitting[0] if len(fitting) == 1 else folded


def _text_code(given: str, folded: str, length: int | None) -> str:
    """A code that may hold anything is changed only where it would otherwise not fit."""
    unlabelled = folded.rpartition(":")[2].strip(_WRAPPING + " ")
    closed = re.sub(r"\s", "", unlabelled)
    readings = (folded, given, unlabelled, closed, re.sub(f"[{_DASHES}]", "", closed))
    if length is None:
        return re.sub(r"\s", "", given)
    return next((each for each in readings if len(each) == length), re.sub(r"\s", "", given))
