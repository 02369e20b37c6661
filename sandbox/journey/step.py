"""A step of the journey: who does what, the evidence that comes out, and the check of that evidence.

Acting and checking are apart on purpose. A check is handed nothing but the evidence and what an outsider can look up
(ledger, trust roots, public keys), so that spoiling any evidence must make it fail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from passport import strict_json
from passport.errors import PassportError
from passport.strict_json import JsonObject

Stage = TypeVar("Stage")


class EvidenceRefused(PassportError):
    """A step's evidence does not show what the step claims."""


def require(holds: bool, expected: str) -> None:  # noqa: FBT001 - reads as "require that …"
    """Raise EvidenceRefused unless ``holds``; ``expected`` says what should have been there."""
    if not holds:
        raise EvidenceRefused(f"expected {expected}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a step leaves behind: ``body`` as it was received or signed, ``says`` in one line for people."""

    kind: str
    body: bytes
    says: str

    @property
    def sha256(self) -> str:
        """The hash of the body, in hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()


def document_of(evidence: Evidence) -> JsonObject:
    """The body as a JSON document, exactly as it was written down.

    Raises:
        Malformed, EvidenceRefused: it is not.
    """
    value = strict_json.loads(evidence.body)
    require(strict_json.canonical(value) == evidence.body, "the document as it was written down")
    return strict_json.as_object(value)


def text_of(evidence: Evidence) -> str:
    """The body as ASCII text, such as a signed token.

    Raises:
        EvidenceRefused: it is not.
    """
    try:
        return evidence.body.decode("ascii")
    except UnicodeDecodeError:
        raise EvidenceRefused("expected ASCII text") from None


@dataclass(frozen=True, slots=True)
class Step(Generic[Stage]):
    """One numbered step of the journey (domain notes, section 8)."""

    number: str
    actor: str
    does: str
    act: Callable[[Stage], Evidence]
    check: Callable[[Stage, Evidence], None]
