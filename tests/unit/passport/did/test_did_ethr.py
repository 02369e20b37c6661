from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from pydid import DIDDocument  # type: ignore[import-untyped]

from passport.did import AttributeChange, Change, DelegateChange, DidKey, KeyKind, ethr_document
from passport.identifiers import Address, DidEthr
from passport.jose import PrivateKeySigner
from passport.strict_json import JsonObject, as_object, as_text, find_array, get_array, get_text

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
LATER: Final = NOW + timedelta(days=365)
DID: Final = DidEthr.parse("did:ethr:0x7a69:0x" + "ab" * 20)
OTHER: Final = Address("0x" + "cd" * 20)
P256: Final = PrivateKeySigner.from_secret(5).public_jwk
SECP256K1: Final = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
KEY: Final = AttributeChange("did/pub/Secp256r1/veriKey/hex", P256.compressed, LATER)
SERVICE: Final = AttributeChange("did/svc/OpenID4VCI", b"http://127.0.0.1:8001", LATER)


def document(*changes: Change, owner: Address | None = None, at: datetime = NOW) -> JsonObject:
    return ethr_document(DID, owner=owner, changes=changes, at=at)


def fragments(written: JsonObject, relation: str) -> list[str]:
    urls = [as_text(url) for url in find_array(written, relation) or ()]
    return [url.removeprefix(f"{DID}#") for url in urls]


def methods(written: JsonObject) -> dict[str, JsonObject]:
    read = [as_object(method) for method in get_array(written, "verificationMethod")]
    return {get_text(method, "id").removeprefix(f"{DID}#"): method for method in read}


def test_an_identity_that_said_nothing_is_its_own_controller() -> None:
    written = document()
    assert written["id"] == str(DID)
    assert methods(written)["controller"]["blockchainAccountId"] == f"eip155:31337:{DID.address}"
    assert fragments(written, "authentication") == fragments(written, "assertionMethod") == ["controller"]
    assert "service" not in written


def test_a_new_owner_controls() -> None:
    assert methods(document(owner=OTHER))["controller"]["blockchainAccountId"] == f"eip155:31337:{OTHER}"


def test_an_identity_given_to_nobody_is_deactivated() -> None:
    written = document(KEY, owner=Address("0x" + "00" * 20))
    assert set(written) == {"@context", "id"}


def test_a_p256_key_has_a_jwk_and_an_ed25519_key_is_a_multikey() -> None:
    ed25519 = AttributeChange("did/pub/Ed25519/veriKey/base58", b"\x07" * 32, LATER)
    secp256k1 = AttributeChange("did/pub/Secp256k1/sigAuth/hex", SECP256K1, LATER)
    written = document(KEY, ed25519, secp256k1)
    found = methods(written)
    assert found["delegate-1"]["publicKeyJwk"] == P256.to_json()
    assert found["delegate-2"]["publicKeyMultibase"] == DidKey(KeyKind.ED25519, b"\x07" * 32).multikey
    assert found["delegate-3"]["publicKeyMultibase"] == DidKey(KeyKind.SECP256K1, SECP256K1).multikey
    assert fragments(written, "authentication") == ["controller", "delegate-3"]
    assert fragments(written, "assertionMethod") == ["controller", "delegate-1", "delegate-2", "delegate-3"]


def test_delegates_sign_and_those_of_kind_sig_auth_authenticate_and_operators_do_neither() -> None:
    written = document(
        DelegateChange("veriKey", OTHER, LATER),
        DelegateChange("operator", OTHER, LATER),
        DelegateChange("sigAuth", OTHER, LATER),
    )
    assert fragments(written, "assertionMethod") == ["controller", "delegate-1", "delegate-3"]
    assert fragments(written, "authentication") == ["controller", "delegate-3"]


def test_services_are_numbered_by_themselves() -> None:
    written = document(KEY, SERVICE)
    assert find_array(written, "service") == [
        {"id": f"{DID}#service-1", "type": "OpenID4VCI", "serviceEndpoint": "http://127.0.0.1:8001"}
    ]


@pytest.mark.parametrize(
    "ended",
    [
        KEY,
        SERVICE,
        DelegateChange("sigAuth", OTHER, LATER),
    ],
)
def test_what_ended_is_gone_and_keeps_its_number(ended: Change) -> None:
    assert document(ended, at=LATER) == document()
    match ended:
        case AttributeChange(name, value, _):
            end: Change = AttributeChange(name, value, NOW)
        case DelegateChange(kind, delegate, _):
            end = DelegateChange(kind, delegate, NOW)
    assert document(ended, end) == document()
    assert "delegate-4" in methods(document(KEY, KEY, KEY, DelegateChange("veriKey", OTHER, LATER)))


@pytest.mark.parametrize(
    "change",
    [
        AttributeChange("did/pub/Secp256r1/veriKey/hex", b"\x02" + b"\xff" * 32, LATER),
        AttributeChange("did/pub/Ed25519/veriKey/base58", b"short", LATER),
        AttributeChange("did/pub/Rsa/veriKey/pem", b"x", LATER),
        AttributeChange("did/svc/Hub", b"\xff", LATER),
        AttributeChange("did/svc/Hub", b"", LATER),
        AttributeChange("did/svc/Hub", b"not a uri", LATER),
        AttributeChange("name", b"Bank A", LATER),
    ],
)
def test_what_cannot_be_read_is_left_out_and_spoils_nothing(change: Change) -> None:
    assert document(change) == document()


def test_the_document_is_one_that_pydid_finds_its_keys_in() -> None:
    kept = {name: value for name, value in document(KEY, SERVICE).items() if name != "verificationMethod"}
    plain = [method for name, method in methods(document(KEY, SERVICE)).items() if name != "controller"]
    read = DIDDocument.deserialize({**kept, "verificationMethod": plain})
    assert read.dereference(f"{DID}#delegate-1").public_key_jwk == P256.to_json()


def test_changes_may_come_as_any_sequence() -> None:
    changes: Sequence[Change] = [KEY]
    assert ethr_document(DID, owner=None, changes=changes, at=NOW) == document(KEY)
