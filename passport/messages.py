"""Wire messages: one base class for every protocol's Pydantic models.

Frozen; strict (no coercion of "1" to 1 or 1 to true); members nobody here knows are ignored, as OpenID4VCI and
OpenID4VP require of receivers. Reading names the place and the rule that was broken and never repeats the value,
because a message may carry claims or tokens. Leaves out JSON syntax, which is ``strict_json``'s.
"""

from __future__ import annotations

import math
from typing import Annotated, Self, TypeAlias

import pydantic
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from passport import strict_json
from passport.errors import Malformed
from passport.identifiers import DidEthr
from passport.shape_faults import told
from passport.strict_json import JsonObject, JsonValue

AnyJson: TypeAlias = pydantic.JsonValue
"""A member whose content this message does not know; Pydantic reads its own alias and not ``strict_json``'s."""

AnyObject: TypeAlias = dict[str, pydantic.JsonValue]
"""A member that is some JSON object."""


def _whole(value: object) -> object:
    """A fraction of a second is cut: no rule of ours is finer than a second, and what is stored stays whole."""
    return math.floor(value) if isinstance(value, float) and math.isfinite(value) else value


NumericDate = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=253_402_300_799)]
"""Seconds since 1970, up to the year 9999; the sender may write a fraction (RFC 7519 section 2)."""


def _one_spelling(text: str) -> str:
    """Pydantic turns a ValueError, and no other error, into one that names the place."""
    try:
        return str(DidEthr.parse(text))
    except Malformed as error:
        raise ValueError(str(error)) from error


DidText = Annotated[str, StringConstraints(max_length=80), AfterValidator(_one_spelling)]
"""A ``did:ethr`` as ``DidEthr`` writes it, however the sender spelled it: where it is compared or kept it is a value."""


class Message(BaseModel):
    """A protocol message or a part of one, valid from birth."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore", populate_by_name=True)

    @classmethod
    def read(cls, value: JsonValue) -> Self:
        """The message in a JSON value that ``strict_json`` has read.

        Raises:
            Malformed: a member is missing, of another type, or outside its limits.
        """
        try:
            # By the wire's names alone: Python's are for our own code, and a second spelling is what two readers differ by.
            return cls.model_validate_json(strict_json.dumps(value), by_alias=True, by_name=False)
        except ValidationError as error:
            raise Malformed(told(error.errors(include_url=False), value)) from error

    def to_object(self) -> JsonObject:
        """The message as a JSON object, absent members left out."""
        written: JsonObject = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        return written
