"""Signed tokens in compact form (RFC 7515 section 7.1), ES256 and nothing else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from types import MappingProxyType

from passport.errors import Malformed, Misconfigured, Reason, Rejected
from passport.jose.base64url import b64u_decode, b64u_encode
from passport.jose.jwk import PublicJwk
from passport.jose.signer import Signer
from passport.strict_json import JsonObject, Limits, as_object, dumps, loads

ALGORITHM = "ES256"
# No token of ours may carry these: each would let the message choose its key or its rules.
REFUSED_MEMBERS = frozenset({"crit", "b64", "jku", "x5u", "zip", "enc"})
# These carry a key; a role that takes its key from the header says so.
KEY_MEMBERS = frozenset({"jwk", "x5c"})

_PARTS = 3
_DEFAULT_LIMITS = Limits()
_NOTHING: JsonObject = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class UnverifiedJws:
    """A token that was read and not judged; its bytes are kept as they came."""

    unverified_header: JsonObject
    unverified_payload: bytes
    signing_input: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class VerifiedJws:
    """A token whose type, algorithm and signature were checked; only :func:`verify_compact` makes one."""

    header: JsonObject
    payload: JsonObject
    signing_input: bytes


def parse_compact(token: str, limits: Limits = _DEFAULT_LIMITS) -> UnverifiedJws:
    """Read a token without judging it.

    Raises:
        Malformed: it is not three canonical base64url parts with a JSON object as header, or passes a limit.
    """
    if len(token) > limits.size:
        raise Malformed(f"expected a token of at most {limits.size} characters, got {len(token)}")
    if token.count(".") != _PARTS - 1:
        raise Malformed(f"expected a token of {_PARTS} parts")
    header, payload, signature = token.split(".")
    return UnverifiedJws(
        unverified_header=as_object(loads(b64u_decode(header), limits), "the token's header"),
        unverified_payload=b64u_decode(payload),
        signing_input=f"{header}.{payload}".encode(),
        signature=b64u_decode(signature),
    )


def verify_compact(
    token: str | UnverifiedJws,
    *,
    key: PublicJwk,
    typ: str,
    key_members: Collection[str] = (),
    limits: Limits = _DEFAULT_LIMITS,
) -> VerifiedJws:
    """Check a token by a key that the caller found trustworthy.

    ``key_members`` are those of ``jwk`` and ``x5c`` that this role's header may carry; that the key came from
    there, and may be trusted, is the caller's to establish.

    1. Shape: three canonical parts, a strict JSON header (RFC 7515 section 5.2, steps 1 to 4).
    2. The algorithm is ours (RFC 8725 section 3.1).
    3. No header member lets the message choose its key or its rules (RFC 8725 section 3.10).
    4. The type is exactly the one expected (RFC 8725 section 3.11).
    5. The signature (step 8).
    6. Only then the payload is read, as a strict JSON object (RFC 8725 section 3.2).

    Raises:
        Malformed: steps 1 and 6. Rejected: ALGORITHM_NOT_ALLOWED, HEADER_NOT_ALLOWED, TOKEN_TYPE_MISMATCH,
        SIGNATURE_INVALID.
    """
    unverified = parse_compact(token, limits) if isinstance(token, str) else token
    header = unverified.unverified_header
    check_header(header, alg=ALGORITHM, key_members=key_members)
    if header.get("typ") != typ:
        raise Rejected(Reason.TOKEN_TYPE_MISMATCH, f"expected a token of type {typ}, got another")
    key.verify(unverified.signature, unverified.signing_input)
    payload = as_object(loads(unverified.unverified_payload, limits), "the token's payload")
    return VerifiedJws(header, payload, unverified.signing_input)


def check_header(header: JsonObject, *, alg: str, key_members: Collection[str] = ()) -> None:
    """Steps 2 and 3 of :func:`verify_compact`.

    Raises:
        Rejected: ALGORITHM_NOT_ALLOWED, HEADER_NOT_ALLOWED.
    """
    if header.get("alg") != alg:
        raise Rejected(Reason.ALGORITHM_NOT_ALLOWED, f"expected algorithm {alg}, got another")
    refused = sorted(header.keys() & (REFUSED_MEMBERS | KEY_MEMBERS.difference(key_members)))
    if refused:
        raise Rejected(Reason.HEADER_NOT_ALLOWED, f"expected a header without {', '.join(refused)}")


def sign_compact(*, typ: str, payload: JsonObject, signer: Signer, header: JsonObject = _NOTHING) -> str:
    """Sign ``payload`` as a token of type ``typ``; ``header`` adds members such as ``kid`` and ``x5c``.

    Raises:
        Misconfigured: ``header`` holds a member that no reader of ours accepts, or sets alg or typ.
    """
    misplaced = sorted(header.keys() & (REFUSED_MEMBERS | {"alg", "typ"}))
    if misplaced:
        raise Misconfigured(f"expected additional header members without {', '.join(misplaced)}")
    members = {"alg": ALGORITHM, "typ": typ, **header}
    signing_input = f"{b64u_encode(dumps(members))}.{b64u_encode(dumps(payload))}"
    return f"{signing_input}.{b64u_encode(signer.sign(signing_input.encode()))}"
