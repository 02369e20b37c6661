"""Making an SD-JWT (RFC 9901 sections 4.1 and 4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from passport.clock import Entropy
from passport.disclosable import ClaimTree, Decoy, Disclosable, marked
from passport.errors import Misconfigured
from passport.jose import PublicJwk, Signer, b64u_encode, sign_compact
from passport.keys import TokenType
from passport.sd_jwt.hashing import HASH_ALGORITHM, credential_hash, digest_of
from passport.sd_jwt.unfold import ALWAYS_OPEN, DIGESTS, ELEMENT_DIGEST, HASH_NAME, RESERVED
from passport.strict_json import JsonObject, JsonValue, dumps

_SALT_SIZE = 16  # 128 bits, as section 9.3 recommends.
_DIGEST_SIZE = 32
_NOTHING: JsonObject = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class IssuedSdJwt:
    """A signed credential with all its disclosures, as it goes to the holder."""

    text: str
    issuer_jwt: str
    disclosures: tuple[str, ...]
    credential_hash: bytes


def issue(
    *,
    claims: Mapping[str, ClaimTree],
    signer: Signer,
    entropy: Entropy,
    header: JsonObject = _NOTHING,
    typ: str = TokenType.CREDENTIAL,
) -> IssuedSdJwt:
    """Sign ``claims``; what is wrapped in :class:`~passport.disclosable.Disclosable` goes into disclosures.

    Where :data:`~passport.disclosable.DECOY` stands, a digest of nothing is signed. The digests of one object are
    sorted, so that their order tells nothing (section 4.2.4.1).

    Raises:
        Misconfigured: a claim has a reserved name, or the marker stands where there is nothing to hide, or within a claim
        that must be open.
    """
    hidden = sorted(str(path[0]) for path in marked(claims) if path[0] in ALWAYS_OPEN)
    if hidden:
        raise Misconfigured(f"expected {', '.join(hidden)} as open claims, with nothing hidden inside")
    folding = _Folding(entropy)
    payload = {**folding.object(claims), HASH_NAME: HASH_ALGORITHM}
    issuer_jwt = sign_compact(typ=typ, payload=payload, signer=signer, header=header)
    return IssuedSdJwt(
        text="~".join([issuer_jwt, *folding.disclosures, ""]),
        issuer_jwt=issuer_jwt,
        disclosures=tuple(folding.disclosures),
        credential_hash=credential_hash(issuer_jwt),
    )


def confirmation(holder: PublicJwk) -> JsonObject:
    """The value of ``cnf`` that binds a credential to ``holder`` (RFC 7800 section 3.2)."""
    return {"jwk": holder.to_json()}


class _Folding:
    """One run over one credential's claims."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self.disclosures: list[str] = []

    def object(self, members: Mapping[str, ClaimTree]) -> dict[str, JsonValue]:
        folded: dict[str, JsonValue] = {}
        digests: list[str] = []
        for name, claim in members.items():
            if name in RESERVED:
                raise Misconfigured(f"expected a claim name that is not reserved, got {name}")
            match claim:
                case Disclosable(value):
                    digests.append(self._disclose(name, self._value(value)))
                case Decoy():
                    digests.append(self._decoy())
                case _:
                    folded[name] = self._value(claim)
        if digests:
            folded[DIGESTS] = sorted(digests)
        return folded

    def _value(self, claim: ClaimTree) -> JsonValue:
        match claim:
            case Disclosable() | Decoy():
                raise Misconfigured("expected a marker on an object's member or an array's element only")
            case Mapping():
                return self.object(claim)
            case None | bool() | int() | float() | str():
                return claim
            case _:
                return [self._element(element) for element in claim]

    def _element(self, claim: ClaimTree) -> JsonValue:
        match claim:
            case Disclosable(value):
                return {ELEMENT_DIGEST: self._disclose(self._value(value))}
            case Decoy():
                return {ELEMENT_DIGEST: self._decoy()}
            case _:
                return self._value(claim)

    def _disclose(self, *parts: JsonValue) -> str:
        disclosure = b64u_encode(dumps([b64u_encode(self._entropy.token(_SALT_SIZE)), *parts]))
        self.disclosures.append(disclosure)
        return digest_of(disclosure)

    def _decoy(self) -> str:
        return b64u_encode(self._entropy.token(_DIGEST_SIZE))
