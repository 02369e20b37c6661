"""Random credentials, where the ``sd-jwt`` package must say the same as we do.

It is an oracle for true input only: as a verifier it accepts a missing key binding, expired credentials and
disclosures that nobody signed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto.jwk import JWK  # type: ignore[import-untyped]
from sd_jwt.common import SDObj  # type: ignore[import-untyped]
from sd_jwt.holder import SDJWTHolder  # type: ignore[import-untyped]
from sd_jwt.issuer import SDJWTIssuer  # type: ignore[import-untyped]
from sd_jwt.verifier import SDJWTVerifier  # type: ignore[import-untyped]

from passport.clock import from_epoch
from passport.disclosable import DECOY, ClaimPath, ClaimTree, Decoy, Disclosable
from passport.errors import Rejected
from passport.jose import PrivateKeySigner, b64u_encode
from passport.sd_jwt import (
    VerifiedPresentation,
    confirmation,
    issue,
    parse,
    present,
    unfold,
    verify_issuer,
    verify_key_binding,
)
from passport.strict_json import as_object, loads

BANK, HOLDER = PrivateKeySigner.from_secret(0xBA4C), PrivateKeySigner.from_secret(0x401DE7)
BANK_JWK, HOLDER_JWK = JWK.from_pem(BANK.to_pem()), JWK.from_pem(HOLDER.to_pem())
NONCE, AUD, TYP = "n-1", "x509_hash:X", "example+sd-jwt"

names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=5).filter(
    lambda name: name not in {"_sd", "_sd_alg", "...", "cnf", "iss"}
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8)
)
trees: st.SearchStrategy[ClaimTree] = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner | st.builds(Disclosable, inner) | st.just(DECOY), max_size=3)
        | st.dictionaries(names, inner | st.builds(Disclosable, inner) | st.just(DECOY), max_size=3)
    ),
    max_leaves=10,
)
credentials = st.dictionaries(names, trees | st.builds(Disclosable, trees) | st.just(DECOY), max_size=5)


class CountingEntropy:
    """Bytes that differ each time."""

    def __init__(self) -> None:
        self._calls = 0

    def token(self, size: int) -> bytes:
        self._calls += 1
        return self._calls.to_bytes(size)


def for_oracle(claim: ClaimTree) -> Any:
    """The same claims in the oracle's own markers; it places decoys itself."""
    match claim:
        case Disclosable(value):
            return SDObj(for_oracle(value))
        case Mapping():
            return {
                SDObj(name) if isinstance(value, Disclosable) else name: for_oracle(
                    value.value if isinstance(value, Disclosable) else value
                )
                for name, value in claim.items()
                if not isinstance(value, Decoy)
            }
        case None | bool() | int() | float() | str():
            return claim
        case Decoy():
            raise AssertionError("decoys are dropped by their object or array")
        case _:
            return [for_oracle(element) for element in claim if not isinstance(element, Decoy)]


def paths_of(text: str) -> Sequence[ClaimPath]:
    received = parse(text)
    payload = as_object(loads(received.issuer_jwt.unverified_payload))
    return list(unfold(payload, received.disclosures).disclosed)


def ours(text: str) -> VerifiedPresentation:
    return verify_key_binding(
        verify_issuer(parse(text), BANK.public_jwk, typ=TYP), nonce=NONCE, aud=AUD, now=from_epoch(1000)
    )


def oracles(text: str) -> Any:
    verifier = SDJWTVerifier(text, lambda _issuer, _header: BANK_JWK, AUD, NONCE)
    return verifier.get_verified_payload()


@given(claims=credentials, data=st.data())
def test_the_oracle_reads_what_we_issue_and_show(claims: dict[str, ClaimTree], data: st.DataObject) -> None:
    bound: dict[str, ClaimTree] = {**claims, "cnf": confirmation(HOLDER.public_jwk)}
    text = issue(claims=bound, signer=BANK, entropy=CountingEntropy(), typ=TYP).text
    paths = paths_of(text)
    disclose = data.draw(st.lists(st.sampled_from(paths), unique=True)) if paths else []
    shown = present(text, disclose=disclose, holder_signer=HOLDER, nonce=NONCE, aud=AUD, iat=1000)
    assert oracles(shown) == ours(shown).claims


@given(claims=credentials, decoys=st.booleans(), data=st.data())
def test_we_read_what_the_oracle_issues(
    *, claims: dict[str, ClaimTree], decoys: bool, data: st.DataObject
) -> None:
    text = SDJWTIssuer(for_oracle(claims), BANK_JWK, HOLDER_JWK, add_decoy_claims=decoys).sd_jwt_issuance
    paths = paths_of(text)
    disclose = data.draw(st.lists(st.sampled_from(paths), unique=True)) if paths else []
    shown = present(text, disclose=disclose, holder_signer=HOLDER, nonce=NONCE, aud=AUD, iat=1000)
    assert ours(shown).claims == oracles(shown)


def test_we_accept_the_oracles_key_binding() -> None:
    claims = {SDObj("given_name"): "Mei-Ling", "list": [SDObj(1), SDObj(2)]}
    holder = SDJWTHolder(SDJWTIssuer(claims, BANK_JWK, HOLDER_JWK).sd_jwt_issuance)
    holder.create_presentation(
        {"given_name": True, "list": [False, True]}, nonce=NONCE, aud=AUD, holder_key=HOLDER_JWK
    )
    signed_at = from_epoch(holder.key_binding_jwt_payload["iat"])
    presentation = verify_key_binding(
        verify_issuer(parse(holder.sd_jwt_presentation), BANK.public_jwk, typ=TYP),
        nonce=NONCE,
        aud=AUD,
        now=signed_at,
    )
    assert presentation.claims["given_name"] == "Mei-Ling"
    assert presentation.claims["list"] == [2]


def test_the_oracle_accepts_what_we_refuse() -> None:
    """Why it is an oracle and not the verifier: it takes a disclosure that nobody signed, and no key binding."""
    text = issue(claims={"a": 1}, signer=BANK, entropy=CountingEntropy(), typ=TYP).text
    forged = text + b64u_encode(json.dumps(["salt", "b", 2]).encode()) + "~"
    assert SDJWTVerifier(forged, lambda _issuer, _header: BANK_JWK).get_verified_payload() == {"a": 1}
    with pytest.raises(Rejected):
        verify_issuer(parse(forged), BANK.public_jwk, typ=TYP)
