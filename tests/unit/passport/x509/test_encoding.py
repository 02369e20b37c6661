import base64
import hashlib

import pytest

from passport.errors import Malformed, Misconfigured
from passport.jose import b64u_encode
from passport.strict_json import JsonValue
from passport.x509 import (
    CertificateAuthority,
    certificates_from_pem,
    certificates_to_pem,
    root_hash,
    x5c_from_header,
    x5c_to_header,
    x509_hash,
)


def test_certificates_go_to_a_header_and_back(root: CertificateAuthority) -> None:
    chain = (root.certificate, root.certificate)
    assert x5c_from_header({"x5c": x5c_to_header(chain)}) == chain


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "AAAA",
        [1],
        ["AAA"],
        ["AA=="[:3]],
        ["AB=="],
        ["AA\nAA"],
        ["-_-_"],
        ["é"],
        [base64.b64encode(b"x").decode() + "\n"],
    ],
)
def test_other_spellings_of_a_header_are_refused(value: JsonValue) -> None:
    with pytest.raises(Malformed):
        x5c_from_header({"x5c": value})


def test_certificates_go_to_a_file_and_back(root: CertificateAuthority) -> None:
    chain = (root.certificate, root.certificate)
    assert certificates_from_pem(b"comment\n" + certificates_to_pem(chain)) == chain


@pytest.mark.parametrize(
    "pem", [b"", b"nothing", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_file_without_certificates_is_ours_to_fix(pem: bytes) -> None:
    with pytest.raises(Misconfigured):
        certificates_from_pem(pem)


def test_hashes_are_sha256_of_der(root: CertificateAuthority) -> None:
    digest = hashlib.sha256(root.certificate).digest()
    assert root_hash(root.certificate) == digest
    assert x509_hash(root.certificate) == b64u_encode(digest)
