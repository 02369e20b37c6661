"""Claims before signing: which of them the holder may later show or hide.

The words in which claims are handed to whoever signs them (RFC 9901 section 4, without its encoding). They lie
below ``claims`` and ``sd_jwt`` because the one writes them and the other reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

ClaimTree: TypeAlias = (
    "bool | int | float | str | Sequence[ClaimTree] | Mapping[str, ClaimTree] | Disclosable | Decoy | None"
)
"""Claims to sign: JSON, in which a member or an array's element may be a marker of this module."""

ClaimPath: TypeAlias = "tuple[str | int | None, ...]"
"""From the top to a claim: member names, array positions, or None for every element (as in OpenID4VP 1.0, 7)."""


@dataclass(frozen=True, slots=True)
class Disclosable:
    """A claim that the holder shows or hides; inside, there may be more of them."""

    value: ClaimTree


class Decoy(Enum):
    """Stands where a claim is absent, so that counting digests tells nothing (RFC 9901 section 4.2.5)."""

    DECOY = "decoy"


DECOY = Decoy.DECOY


def marked(claims: Mapping[str, ClaimTree]) -> Iterator[ClaimPath]:
    """The places of every marker in claims to sign; an array's elements are None."""
    for name, claim in claims.items():
        yield from _marked((name,), claim)


def _marked(path: ClaimPath, claim: ClaimTree) -> Iterator[ClaimPath]:
    match claim:
        case Decoy():
            yield path
        case Disclosable(value):
            yield path
            yield from _marked(path, value)
        case Mapping():
            for name, inner in claim.items():
                yield from _marked((*path, name), inner)
        case None | bool() | int() | float() | str():
            return
        case _:
            for inner in claim:
                yield from _marked((*path, None), inner)


def within(path: ClaimPath, above: ClaimPath) -> bool:
    """Whether ``path`` is ``above`` or lies inside it; a position fits the None of its array."""
    return len(path) >= len(above) and all(
        asked == got if isinstance(asked, str) else not isinstance(got, str)
        for asked, got in zip(above, path, strict=False)
    )
