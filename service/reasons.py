"""Why a bank's person did something: a code by which the bank counts its reasons, and words."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from passport.errors import Malformed

MAX_CODE: Final = 64
MAX_NOTE: Final = 500
NONE_GIVEN: Final = "none_given"
_FILLERS: Final = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters of Hangul that show nothing; Unicode calls them letters all the same."""


@dataclass(frozen=True, slots=True)
class Why:
    """A reason, as it is recorded."""

    code: str
    note: str = ""

    def __post_init__(self) -> None:
        """Bounded, and nothing that a screen or a database would stumble over."""
        if not 0 < len(self.code) <= MAX_CODE or len(self.note) > MAX_NOTE:
            raise Malformed(
                f"expected a reason of 1 to {MAX_CODE} characters and a note of at most {MAX_NOTE}"
            )
        if not (self.code + self.note.replace("\n", "")).isprintable():
            raise Malformed("expected a reason and a note of printable characters")
        if not _says_something(self.code):
            raise Malformed("expected a reason with a letter or a digit in it: blanks say nothing")

    @classmethod
    def recorded(cls, code: str, note: str) -> Why:
        """A reason that was recorded, perhaps before blanks were refused; such a record stays readable."""
        return cls(code if _says_something(code) else NONE_GIVEN, note)


def _says_something(code: str) -> bool:
    return any(unicodedata.category(one)[0] in "LN" and one not in _FILLERS for one in code)


class ReasonBody(BaseModel):
    """A message that says why."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=MAX_CODE)]
    note: Annotated[str, Field(max_length=MAX_NOTE)] = ""

    @property
    def why(self) -> Why:
        """The reason as it is recorded."""
        return Why(self.reason, self.note)
