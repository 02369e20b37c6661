"""What an answer to a stranger never has: words of Pydantic or Python, names of our classes, regular expressions."""

from __future__ import annotations

import re

_PYDANTICS_WORDS = re.compile(
    r"Value error|Field required|Input should|should match|should have|Tuple|Dictionary|valid (integer|string|boolean)|"
    r"pydantic|regex|instance of|\\z|\^|\[A-Z|\[\^|<[A-Z]\w+[.:]|NoneType|\bstr\b|\bint\b|\bdict\b|function-|\b(?:string|int|bool|list|tuple|dict|model|literal)_(?:type|error|too|pattern)"
)
_CLASS_NAMES = re.compile(r"\b_?[A-Z][a-z]+(?:[A-Z][a-z]+)+\b|\b_[A-Z]\w+")


def in_plain_words(said: str) -> None:
    """Fail where these words have any of it."""
    assert not _PYDANTICS_WORDS.search(said), said
    assert not _CLASS_NAMES.search(said), said
