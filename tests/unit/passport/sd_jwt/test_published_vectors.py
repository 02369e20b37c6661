"""The examples published beside RFC 9901, each verified with the keys of its settings file."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from passport.clock import from_epoch
from passport.errors import Reason, Rejected
from passport.jose import PublicJwk
from passport.sd_jwt import parse, present, unfold, verify_issuer, verify_key_binding
from passport.strict_json import as_object, dumps, loads

VECTORS = Path(__file__).parents[3] / "vectors" / "sd-jwt-rfc9901"
NAMES = sorted(folder.name for folder in VECTORS.iterdir() if folder.is_dir())
BOUND = [name for name in NAMES if (VECTORS / name / "kb_jwt_payload.json").exists()]
ISSUER = PublicJwk.from_json(
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
        "y": "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
    }
)


def read(name: str, file: str) -> str:
    return (VECTORS / name / file).read_text().strip()


def typ_of(name: str) -> str:
    return "dc+sd-jwt" if name == "arf-pid" else "example+sd-jwt"


def test_all_published_compact_examples_are_here() -> None:
    assert len(NAMES) == 13
    assert len(BOUND) == 4


@pytest.mark.parametrize("name", NAMES)
def test_presentation_gives_the_published_claims(name: str) -> None:
    verified = verify_issuer(parse(read(name, "sd_jwt_presentation.txt")), ISSUER, typ=typ_of(name))
    assert verified.claims == json.loads(read(name, "verified_contents.json"))


@pytest.mark.parametrize("name", NAMES)
def test_issuance_gives_all_of_the_users_claims(name: str) -> None:
    received = parse(read(name, "sd_jwt_issuance.txt"))
    claims = verify_issuer(received, ISSUER, typ=typ_of(name)).claims
    expected = json.loads(read(name, "user_claims.json"))
    assert {claim: claims[claim] for claim in expected} == expected
    assert set(claims) - set(expected) <= {"iss", "iat", "exp", "cnf"}


@pytest.mark.parametrize("name", NAMES)
def test_payload_with_no_disclosure_has_no_digest_left(name: str) -> None:
    payload = as_object(loads(read(name, "sd_jwt_payload.json")))
    assert b'"_sd"' in dumps(payload) or b'"..."' in dumps(payload)
    written = dumps(unfold(payload, ()).claims)
    assert not [mark for mark in (b'"_sd"', b'"..."', b'"_sd_alg"') if mark in written]


@pytest.mark.parametrize("name", BOUND)
def test_key_binding_of_a_published_presentation_holds(name: str) -> None:
    verified = verify_issuer(parse(read(name, "sd_jwt_presentation.txt")), ISSUER, typ=typ_of(name))
    expected = json.loads(read(name, "kb_jwt_payload.json"))
    signed_at = from_epoch(expected["iat"])
    presentation = verify_key_binding(
        verified, nonce="1234567890", aud="https://verifier.example.org", now=signed_at + timedelta(minutes=5)
    )
    assert presentation.key_binding.sd_hash_b64u == expected["sd_hash"]
    with pytest.raises(Rejected) as caught:
        verify_key_binding(
            verified,
            nonce="1234567890",
            aud="https://verifier.example.org",
            now=signed_at + timedelta(minutes=5, seconds=1),
        )
    assert caught.value.reason is Reason.HOLDER_BINDING_STALE


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(BOUND)))
def test_a_published_example_without_key_binding_is_refused_where_it_is_required(name: str) -> None:
    verified = verify_issuer(parse(read(name, "sd_jwt_presentation.txt")), ISSUER, typ=typ_of(name))
    with pytest.raises(Rejected) as caught:
        verify_key_binding(verified, nonce="1", aud="a", now=from_epoch(0))
    assert caught.value.reason is Reason.HOLDER_BINDING_INVALID


def test_the_published_holder_key_shows_a_published_credential() -> None:
    from passport.jose import PrivateKeySigner, b64u_decode  # noqa: PLC0415 - the only use

    holder = PrivateKeySigner.from_secret(
        int.from_bytes(b64u_decode("5K5SCos8zf9zRemGGUl6yfok-_NiiryNZsvANWMhF-I"))
    )
    shown = present(
        read("arf-pid", "sd_jwt_issuance.txt"),
        disclose=[("nationalities", 0), ("age_equal_or_over", "18")],
        holder_signer=holder,
        nonce="n",
        aud="a",
        iat=1,
    )
    verified = verify_key_binding(verify_issuer(parse(shown), ISSUER), nonce="n", aud="a", now=from_epoch(1))
    assert verified.claims["nationalities"] == ["DE"]
    assert verified.claims["age_equal_or_over"] == {"18": True}
    assert "given_name" not in verified.claims
