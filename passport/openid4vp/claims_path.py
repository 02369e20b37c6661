"""Claims path pointers for JSON-based credentials (OpenID4VP 1.0 section 7.1).

A pointer is a non-empty array of strings (a member), integers (an element) and nulls (every element). Here it is
resolved to the concrete places that it selects, so that the wallet knows what to disclose and the verifier what
was asked for. Leaves out mdoc (section 7.2).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from passport.errors import Malformed
from passport.openid4vp.limits import LIMITS
from passport.strict_json import JsonValue

PathComponent = str | int | None
Pointer = tuple[PathComponent, ...]
Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Selected:
    """One selected element: where it is (no nulls any more) and what it holds."""

    place: Place
    value: JsonValue


def resolve(root: JsonValue, pointer: Pointer) -> tuple[Selected, ...]:
    """The elements that ``pointer`` selects in a credential's claims.

    Raises:
        Malformed: a component does not fit what it is applied to, or nothing is selected; section 7.1.1 calls
            both an error, and a claim that cannot be selected is a claim that is not there.
    """
    # 1. Select the root element of the credential.
    selected: list[Selected] = [Selected((), root)]
    # 2. Process the pointer from left to right.
    for component in pointer:
        selected = [found for element in selected for found in _step(element, component)]
        if len(selected) > LIMITS.selected_elements:
            raise Malformed(f"claims path: expected at most {LIMITS.selected_elements} selected elements")
    # 3. An empty selection is an error.
    if not selected:
        raise Malformed("claims path: nothing is selected")
    return tuple(selected)


def _step(element: Selected, component: PathComponent) -> list[Selected]:
    """One component applied to one element; a missing key or index removes the element from the selection."""
    value = element.value
    match component:
        case str():  # 2.1
            if not isinstance(value, Mapping):
                raise Malformed("claims path: a name is applied to something that is not an object")
            return [Selected((*element.place, component), value[component])] if component in value else []
        case None:  # 2.2
            if not is_array(value):
                raise Malformed("claims path: null is applied to something that is not an array")
            return [Selected((*element.place, i), item) for i, item in enumerate(value)]
        case _:  # 2.3, an index
            if not is_array(value):
                raise Malformed("claims path: an index is applied to something that is not an array")
            return [Selected((*element.place, component), value[component])] if component < len(value) else []


def is_array(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    """Whether a JSON value is an array; text is a sequence too, but not one of elements."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def covers(pointer: Pointer, place: Place) -> bool:
    """Whether disclosing ``place`` serves a request for ``pointer``: it lies on the way there, at it or below it.

    Indexes in a presentation count only disclosed elements (RFC 9901 section 7.1, step 3.d drops the others), so
    an index or null in the pointer fits any index in the place.
    """
    return all(
        asked == shown if isinstance(asked, str) else isinstance(shown, int)
        for asked, shown in zip(pointer, place, strict=False)
    )


def covered_by_any(pointers: Collection[Pointer], place: Place) -> bool:
    """Whether at least one of ``pointers`` asks for ``place``."""
    return any(covers(pointer, place) for pointer in pointers)
