"""Putting disclosures in their places: RFC 9901 section 7.1, steps 3 to 5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from passport.disclosable import ClaimPath
from passport.errors import Malformed, Reason, Rejected
from passport.jose import b64u_decode
from passport.sd_jwt.hashing import digest_of
from passport.sd_jwt.receive import SdJwtLimits
from passport.strict_json import JsonObject, JsonValue, as_array, loads

DIGESTS = "_sd"
ELEMENT_DIGEST = "..."
HASH_NAME = "_sd_alg"
# SD-JWT VC section 3.2.2.2: what decides whether and by whom a credential counts is never hidden, and no part of it is.
ALWAYS_OPEN = frozenset({"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"})
RESERVED = frozenset({DIGESTS, ELEMENT_DIGEST, HASH_NAME})

_MEMBER_LENGTH = 3
_ELEMENT_LENGTH = 2
_DEFAULT_LIMITS = SdJwtLimits()


@dataclass(frozen=True, slots=True)
class Unfolded:
    """The claims with every disclosure in its place, and where each went."""

    claims: JsonObject
    disclosed: Mapping[ClaimPath, str]


def unfold(
    payload: JsonObject, disclosures: Sequence[str], limits: SdJwtLimits = _DEFAULT_LIMITS
) -> Unfolded:
    """Process the payload with its disclosures; numbers are those of RFC 9901 section 7.1.

    3a. Each disclosure's digest is computed over its text as received.
    3b. Embedded digests are found: ``_sd`` arrays in objects, ``{"...": digest}`` in arrays.
    3c. A found digest's disclosure is decoded, its shape and name judged, and put in its place, recursively.
    3d, 3e, 3f. Digests without a disclosure, ``_sd`` and ``_sd_alg`` are removed.
    4. A digest that occurs twice anywhere is refused.
    5. A disclosure that no digest references is refused. (Nothing of it has been decoded: nobody signed it.)

    Raises:
        Malformed: a digest list or a signed disclosure cannot be read, or a limit is passed.
        Rejected: DISCLOSURE_INVALID for shape, name, collision or repetition; DISCLOSURE_NOT_SIGNED for step 5.
    """
    unfolding = _Unfolding(disclosures, limits)
    claims = unfolding.object({name: payload[name] for name in payload if name != HASH_NAME}, ())
    if len(unfolding.disclosed) != len(disclosures):
        raise Rejected(Reason.DISCLOSURE_NOT_SIGNED, "expected every disclosure to be signed, got another")
    return Unfolded(claims, unfolding.disclosed)


class _Unfolding:
    """One run over one payload."""

    def __init__(self, disclosures: Sequence[str], limits: SdJwtLimits) -> None:
        self._limits = limits
        self._by_digest = {digest_of(text): text for text in disclosures}
        if len(self._by_digest) != len(disclosures):
            raise _refuse("each disclosure once")
        self._seen: set[str] = set()
        self.disclosed: dict[ClaimPath, str] = {}

    def object(self, members: JsonObject, path: ClaimPath) -> dict[str, JsonValue]:
        if ELEMENT_DIGEST in members:
            raise _refuse("the name ... nowhere but in an array's element of its own")
        unfolded = {name: self._value(members[name], (*path, name)) for name in members if name != DIGESTS}
        if DIGESTS not in members:
            return unfolded
        for text in self._look_up(as_array(members[DIGESTS], DIGESTS)):
            name, value = self._member(text)
            if name in unfolded:
                raise _refuse("a claim name that is not there yet")
            self.disclosed[*path, name] = text
            unfolded[name] = self._value(value, (*path, name))
        return unfolded

    def _array(self, elements: Sequence[JsonValue], path: ClaimPath) -> list[JsonValue]:
        unfolded: list[JsonValue] = []
        for element in elements:
            place = (*path, len(unfolded))
            if not isinstance(element, Mapping) or ELEMENT_DIGEST not in element:
                unfolded.append(self._value(element, place))
                continue
            if len(element) != 1:
                raise _refuse("nothing beside ... in an array's element")
            for text in self._look_up([element[ELEMENT_DIGEST]]):
                self.disclosed[place] = text
                unfolded.append(self._value(self._element(text), place))
        return unfolded

    def _value(self, value: JsonValue, path: ClaimPath) -> JsonValue:
        if len(path) > self._limits.depth:
            raise Malformed(f"expected claims at most {self._limits.depth} levels deep")
        if value is None or isinstance(value, str | int | float):
            return value
        if isinstance(value, Mapping):
            return self.object(value, path)
        return self._array(value, path)

    def _look_up(self, values: Sequence[JsonValue]) -> list[str]:
        """The disclosures that came for these digests."""
        digests = [value for value in values if isinstance(value, str)]
        if len(digests) != len(values):
            raise Malformed("expected digests to be JSON strings")
        before = len(self._seen)
        self._seen.update(digests)
        if len(self._seen) != before + len(digests):
            raise _refuse("each digest once")
        return [self._by_digest[digest] for digest in digests if digest in self._by_digest]

    def _member(self, text: str) -> tuple[str, JsonValue]:
        parts = self._decode(text)
        if len(parts) != _MEMBER_LENGTH or not isinstance(parts[0], str) or not isinstance(parts[1], str):
            raise _refuse("salt, name and value for an object's member")
        if parts[1] in RESERVED:
            raise _refuse("a claim name that is not reserved")
        return parts[1], parts[2]

    def _element(self, text: str) -> JsonValue:
        parts = self._decode(text)
        if len(parts) != _ELEMENT_LENGTH or not isinstance(parts[0], str):
            raise _refuse("salt and value for an array's element")
        return parts[1]

    def _decode(self, text: str) -> Sequence[JsonValue]:
        return as_array(loads(b64u_decode(text), self._limits.token), "a disclosure")


def _refuse(expected: str) -> Rejected:
    return Rejected(Reason.DISCLOSURE_INVALID, f"expected {expected}")
