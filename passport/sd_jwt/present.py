"""Showing a credential: which disclosures go along, and the holder's signature (RFC 9901 sections 4.3 and 7.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from passport.disclosable import ClaimPath
from passport.errors import Malformed, Misconfigured, Reason, Rejected
from passport.jose import PublicJwk, Signer
from passport.keys import TokenType, sign_token
from passport.sd_jwt.hashing import sd_hash_of
from passport.sd_jwt.receive import ReceivedSdJwt, parse
from passport.sd_jwt.unfold import Unfolded, unfold
from passport.strict_json import JsonObject, JsonValue, as_object, get_object, loads


def present(
    sd_jwt_text: str, *, disclose: Iterable[ClaimPath], holder_signer: Signer, nonce: str, aud: str, iat: int
) -> str:
    """Show the claims at ``disclose``, and sign the showing for one verifier and one transaction.

    ``sd_jwt_text`` is the holder's own copy, which it verified when it accepted it.

    Raises:
        Malformed: it cannot be read. Rejected: CLAIM_MISSING, when a path leads nowhere. Misconfigured: the signer
        is not the key to which the credential is bound.
    """
    received, payload = _open(sd_jwt_text)
    bound_to = PublicJwk.from_json(get_object(get_object(payload, "cnf"), "jwk"))
    if holder_signer.public_jwk != bound_to:
        raise Misconfigured("expected the key to which the credential is bound, got another")
    shown = _select(received, payload, disclose)
    claims: JsonObject = {"nonce": nonce, "aud": aud, "iat": iat, "sd_hash": sd_hash_of(shown)}
    return shown + sign_token(kind=TokenType.KEY_BINDING, payload=claims, signer=holder_signer)


def select(sd_jwt_text: str, disclose: Iterable[ClaimPath]) -> str:
    """The SD-JWT with the disclosures that show the claims at ``disclose``, and no others; no key binding.

    Raises:
        Malformed, Rejected: as :func:`present`.
    """
    received, payload = _open(sd_jwt_text)
    return _select(received, payload, disclose)


def _open(sd_jwt_text: str) -> tuple[ReceivedSdJwt, JsonObject]:
    received = parse(sd_jwt_text)
    if received.key_binding_jwt is not None:
        raise Malformed("expected a credential, got a presentation of one")
    return received, as_object(loads(received.issuer_jwt.unverified_payload, received.limits.token))


def _select(received: ReceivedSdJwt, payload: JsonObject, disclose: Iterable[ClaimPath]) -> str:
    unfolded = unfold(payload, received.disclosures, received.limits)
    wanted = {concrete for path in disclose for concrete in _resolve(path, unfolded)}
    shown = {
        text
        for place, text in unfolded.disclosed.items()
        if any(place == path[: len(place)] or path == place[: len(path)] for path in wanted)
    }
    # The order of issuing is kept: an order of asking would tell about the verifier's question.
    kept = [text for text in received.disclosures if text in shown]
    return "~".join([received.issuer_jwt_text, *kept, ""])


def _resolve(path: ClaimPath, unfolded: Unfolded) -> list[ClaimPath]:
    """The places to which a path leads; None in it stands for every element of an array."""
    found: list[tuple[ClaimPath, JsonValue]] = [((), unfolded.claims)]
    for step in path:
        found = [((*place, name), value) for place, claims in found for name, value in _step(claims, step)]
    if not found:
        raise Rejected(Reason.CLAIM_MISSING, "expected a claim that the credential has, got another path")
    return [place for place, _ in found]


def _step(claims: JsonValue, step: str | int | None) -> list[tuple[str | int, JsonValue]]:
    if isinstance(claims, Mapping):
        return [(step, claims[step])] if isinstance(step, str) and step in claims else []
    if not isinstance(claims, Sequence) or isinstance(claims, str) or isinstance(step, str):
        return []
    if step is None:
        return list(enumerate(claims))
    return [(step, claims[step])] if 0 <= step < len(claims) else []
