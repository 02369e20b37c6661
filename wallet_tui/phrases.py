"""Every sentence in both languages at once, so that a switch of language loses nothing that was typed.

Text of strangers becomes a ``Phrase`` by ``outside`` or ``told`` only, which make it safe (threat T26).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

from holder import local_minute, safe_text
from passport.registry import Words


class Language(StrEnum):
    """What the screen speaks."""

    ENGLISH = "en"
    CHINESE = "zh-TW"

    @property
    def other(self) -> Language:
        """The language that the switch leads to."""
        return Language.CHINESE if self is Language.ENGLISH else Language.ENGLISH


@dataclass(frozen=True, slots=True)
class Phrase:
    """The same words twice."""

    en: str
    zh: str

    @classmethod
    def outside(cls, text: str, limit: int = 1000) -> Self:
        """What a stranger said, made safe; it has one language."""
        safe = safe_text(text, limit)
        return cls(safe, safe)

    @classmethod
    def told(cls, words: Words) -> Self:
        """What a stranger said in both languages, made safe."""
        return cls(safe_text(words.en), safe_text(words.zh_tw))

    @classmethod
    def told_whole(cls, words: Words) -> Self:
        """The same, however long: what is agreed to is never cut, it is wrapped."""
        en, zh = words.en, words.zh_tw
        return cls(safe_text(en, max(1000, 4 * len(en))), safe_text(zh, max(1000, 4 * len(zh))))

    @classmethod
    def both(cls, words: Words) -> Self:
        """A name in both languages beside each other, whichever language is spoken."""
        en, zh = safe_text(words.en), safe_text(words.zh_tw)
        return cls(en, zh) if en == zh else cls(f"{en} {zh}", f"{zh} {en}")

    @classmethod
    def joined(cls, parts: Iterable[Phrase], between: str = "\n") -> Self:
        """Several after one another."""
        listed = list(parts)
        return cls(between.join(part.en for part in listed), between.join(part.zh for part in listed))

    @classmethod
    def listed(cls, parts: Iterable[Phrase]) -> Self:
        """Names in one line, as each language lists them; a dash for none."""
        found = list(parts)
        if not found:
            return cls("-", "-")
        return cls("; ".join(part.en for part in found), "、".join(part.zh for part in found))

    @classmethod
    def day(cls, moment: datetime | None) -> Self:
        """A date, in UTC as every time of the protocol is."""
        text = "-" if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d}"
        return cls(text, text)

    @classmethod
    def minute(cls, moment: datetime) -> Self:
        """A time of day by the clock of the machine, with its zone."""
        text = local_minute(moment)
        return cls(text, text)

    @classmethod
    def counted(cls, number: int, one: str, many: str, zh: str) -> Self:
        """A number with its noun."""
        return cls(f"{number} {one if number == 1 else many}", f"{number} {zh}")

    def of(self, language: Language) -> str:
        """In one language."""
        return self.en if language is Language.ENGLISH else self.zh

    def with_(self, **parts: Phrase | int) -> Phrase:
        """With its places filled, each in its own language."""
        en = {name: part.en if isinstance(part, Phrase) else part for name, part in parts.items()}
        zh = {name: part.zh if isinstance(part, Phrase) else part for name, part in parts.items()}
        return Phrase(self.en.format(**en), self.zh.format(**zh))


NOTHING = Phrase("", "")


def safe_lines(text: str) -> str:
    """The last wall before the terminal: every line made safe once more, the program's own line breaks kept."""
    return "\n".join(safe_text(line, 4000) for line in text.split("\n"))
