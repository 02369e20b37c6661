import hashlib
from pathlib import Path
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passport.claims import read_rfc3339
from passport.did import DidKey, KeyKind, base58btc_encode
from passport.did.multibase import multibase_decode
from passport.errors import Malformed, Misconfigured, Reason, Rejected
from passport.strict_json import JsonObject, JsonValue, as_object, canonical, get_object, get_text, loads
from passport.vcdm import sign_jcs, verify_jcs

VECTORS = Path(__file__).parents[3] / "vectors/w3c-vc-di-eddsa/TestVectors"


def vector(name: str) -> JsonObject:
    return as_object(loads((VECTORS / name).read_bytes()))


PAIR: Final = vector("keyPair.json")
KEY: Final = DidKey.from_multikey(get_text(PAIR, "publicKeyMultibase"))
SIGNED: Final = vector("eddsa-jcs-2022/signedJCS.json")
PROOF: Final = get_object(SIGNED, "proof")


class VectorSigner:
    """The published key."""

    def __init__(self) -> None:
        secret = multibase_decode(get_text(PAIR, "privateKeyMultibase"))
        self._key = Ed25519PrivateKey.from_private_bytes(secret[2:])

    @property
    def did_key(self) -> DidKey:
        return KEY

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def test_the_published_document_verifies() -> None:
    found = verify_jcs(SIGNED, key=KEY)
    assert found.document == vector("unsigned.json")
    assert found.created == read_rfc3339("2023-02-24T23:36:38Z")


def test_signing_the_published_document_gives_the_published_proof() -> None:
    signed = sign_jcs(
        vector("unsigned.json"), signer=VectorSigner(), created=read_rfc3339("2023-02-24T23:36:38Z")
    )
    assert signed == SIGNED


@pytest.mark.parametrize(
    ("document", "published"),
    [("unsigned.json", "docHashJCS"), ("eddsa-jcs-2022/proofConfigJCS.json", "proofHashJCS")],
)
def test_the_published_hashes(document: str, published: str) -> None:
    expected = (VECTORS / f"eddsa-jcs-2022/{published}.txt").read_text()
    assert hashlib.sha256(canonical(vector(document))).hexdigest() == expected


def test_a_document_without_context_and_time_is_signed_and_read() -> None:
    signed = sign_jcs({"id": "urn:x"}, signer=VectorSigner(), created=read_rfc3339("2026-01-01T00:00:00Z"))
    assert "@context" not in get_object(signed, "proof")
    assert verify_jcs(signed, key=KEY).document == {"id": "urn:x"}


def test_a_proof_need_not_say_when() -> None:
    config = {name: value for name, value in PROOF.items() if name not in {"proofValue", "created"}}
    data = hashlib.sha256(canonical(config)).digest()
    data += hashlib.sha256(canonical(vector("unsigned.json"))).digest()
    value = "z" + base58btc_encode(VectorSigner().sign(data))
    assert verify_jcs({**SIGNED, "proof": {**config, "proofValue": value}}, key=KEY).created is None


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"type": "Ed25519Signature2020"}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"cryptosuite": "eddsa-rdfc-2022"}, Reason.ALGORITHM_NOT_ALLOWED),
        ({"proofPurpose": "authentication"}, Reason.KEY_UNKNOWN),
        ({"verificationMethod": "did:example:1#key"}, Reason.KEY_UNKNOWN),
        ({"created": "2023-02-24T23:36:39Z"}, Reason.SIGNATURE_INVALID),
        ({"@context": ["https://www.w3.org/ns/credentials/examples/v2"]}, Reason.SIGNATURE_INVALID),
        ({"@context": "https://www.w3.org/ns/credentials/v2"}, Reason.SIGNATURE_INVALID),
    ],
)
def test_a_proof_with_one_member_spoiled_is_refused(members: JsonObject, reason: Reason) -> None:
    with pytest.raises(Rejected) as caught:
        verify_jcs({**SIGNED, "proof": {**PROOF, **members}}, key=KEY)
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    "members",
    [
        {"description": "another"},
        {"credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples", "x": 1}},
        {
            "@context": [
                "https://www.w3.org/ns/credentials/examples/v2",
                "https://www.w3.org/ns/credentials/v2",
            ]
        },
        {"@context": "https://www.w3.org/ns/credentials/v2"},
    ],
)
def test_a_document_with_one_member_changed_is_refused(members: JsonObject) -> None:
    with pytest.raises(Rejected) as caught:
        verify_jcs({**SIGNED, **members}, key=KEY)
    assert caught.value.reason is Reason.SIGNATURE_INVALID


@pytest.mark.parametrize(
    "proof", [None, [PROOF], [], {**PROOF, "proofValue": "z1"}, {**PROOF, "proofValue": "u00"}]
)
def test_no_proof_several_proofs_and_unreadable_ones_are_malformed(proof: JsonValue) -> None:
    with pytest.raises(Malformed):
        verify_jcs({**SIGNED, "proof": proof}, key=KEY)


def test_a_key_of_another_kind_is_refused() -> None:
    key = DidKey(
        KeyKind.P256, bytes.fromhex("026b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296")
    )
    with pytest.raises(Rejected) as caught:
        verify_jcs(SIGNED, key=key)
    assert caught.value.reason is Reason.ALGORITHM_NOT_ALLOWED


def test_a_document_is_signed_once() -> None:
    with pytest.raises(Misconfigured):
        sign_jcs(SIGNED, signer=VectorSigner(), created=read_rfc3339("2026-01-01T00:00:00Z"))
