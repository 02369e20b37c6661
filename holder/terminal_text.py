"""Text of strangers, made safe for a terminal (threat T26).

Removed: control characters of both sets with what makes escape sequences, format characters (bidirectional overrides,
zero-width), private use and unassigned code points. The rest is brought to NFC. A host name in ``xn--`` form stays
as it is: its look-alike is what must not be seen. Line breaks become spaces, so nobody writes a second line.
"""

from __future__ import annotations

import unicodedata

_REMOVED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACES = frozenset({"Zl", "Zp", "Zs"})


def safe_text(text: str, limit: int = 1000) -> str:
    """One line that says what ``text`` says, and moves no cursor."""
    kept: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category in _SPACES or character in "\n\r\t\v\f":
            kept.append(" ")
        elif category not in _REMOVED:
            kept.append(character)
    line = "".join(kept)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
