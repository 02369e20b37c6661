"""Which key may sign what: every kind of token of ours, in one place.

Each kind has a type of its own, so that no token passes for another (RFC 8725 section 3.11), and says whether its
header may carry the key. Whether a given key belongs to a bank, a verifier or the hub is the ledger's to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from passport.jose import Signer, UnverifiedJws, VerifiedJws, sign_compact, verify_compact
from passport.jose.jwk import PublicJwk
from passport.strict_json import JsonObject, Limits


class TokenType(StrEnum):
    """The ``typ`` of a token."""

    CREDENTIAL = "dc+sd-jwt"
    KEY_BINDING = "kb+jwt"
    KEY_PROOF = "openid4vci-proof+jwt"
    REQUEST = "oauth-authz-req+jwt"
    STATUS_LIST = "statuslist+jwt"
    DPOP = "dpop+jwt"
    CONSENT_RECEIPT = "consent-receipt+jwt"
    FRAUD_KEYS = "fraud-keys+jwt"
    FRAUD_QUESTION = "fraud-question+jwt"
    FRAUD_VERDICT = "fraud-verdict+jwt"
    FRAUD_NOTICE = "fraud-notice+jwt"
    FRAUD_ALERT = "fraud-alert+jwt"
    CALLER = "caller+jwt"
    DECISION = "decision+jwt"


class Party(StrEnum):
    """Who signs."""

    ISSUER = "issuer"
    HOLDER = "holder"
    VERIFIER = "verifier"
    HUB = "hub"
    POLICE = "police"


@dataclass(frozen=True, slots=True)
class TokenRule:
    """Who signs a kind of token, and which of ``jwk`` and ``x5c`` its header may carry."""

    signers: frozenset[Party]
    key_members: frozenset[str] = frozenset()


_X5C = frozenset({"x5c"})
_JWK = frozenset({"jwk"})
_EITHER = _JWK | _X5C

TOKEN_RULES: Mapping[TokenType, TokenRule] = MappingProxyType(
    {
        TokenType.CREDENTIAL: TokenRule(frozenset({Party.ISSUER}), _X5C),
        TokenType.KEY_BINDING: TokenRule(frozenset({Party.HOLDER})),
        TokenType.KEY_PROOF: TokenRule(frozenset({Party.HOLDER}), _JWK),
        TokenType.REQUEST: TokenRule(frozenset({Party.VERIFIER}), _X5C),
        TokenType.STATUS_LIST: TokenRule(frozenset({Party.ISSUER}), _X5C),
        TokenType.DPOP: TokenRule(frozenset({Party.HOLDER}), _JWK),
        TokenType.CONSENT_RECEIPT: TokenRule(frozenset({Party.HOLDER})),
        TokenType.FRAUD_KEYS: TokenRule(frozenset({Party.HUB}), _JWK),
        TokenType.FRAUD_QUESTION: TokenRule(frozenset({Party.ISSUER, Party.VERIFIER}), _EITHER),
        TokenType.FRAUD_VERDICT: TokenRule(frozenset({Party.HUB}), _JWK),
        TokenType.FRAUD_NOTICE: TokenRule(frozenset({Party.POLICE}), _JWK),
        TokenType.FRAUD_ALERT: TokenRule(frozenset({Party.HUB}), _JWK),
        TokenType.CALLER: TokenRule(frozenset({Party.ISSUER, Party.VERIFIER, Party.POLICE}), _JWK),
        TokenType.DECISION: TokenRule(frozenset({Party.VERIFIER})),
    }
)

_DEFAULT_LIMITS = Limits()
_NOTHING: JsonObject = MappingProxyType({})


def verify_token(
    token: str | UnverifiedJws, *, kind: TokenType, key: PublicJwk, limits: Limits = _DEFAULT_LIMITS
) -> VerifiedJws:
    """Check a token of one kind by a key that the caller found to belong to one of the kind's signers.

    Raises:
        Malformed, Rejected: as :func:`passport.jose.verify_compact`.
    """
    rule = TOKEN_RULES[kind]
    return verify_compact(token, key=key, typ=kind, key_members=rule.key_members, limits=limits)


def sign_token(*, kind: TokenType, payload: JsonObject, signer: Signer, header: JsonObject = _NOTHING) -> str:
    """Sign a token of one kind; see :func:`passport.jose.sign_compact`."""
    return sign_compact(typ=kind, payload=payload, signer=signer, header=header)
