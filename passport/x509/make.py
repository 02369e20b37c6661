"""Making certificates: the registrar's work, and the sandbox's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from passport.clock import Entropy
from passport.jose import PrivateKeySigner, PublicJwk

SIGNING_PERIOD = timedelta(days=90)
LEAF_LIFETIME = timedelta(days=200)
"""Longer than the signing period by more than the 90 days that a credential may live."""
ROOT_LIFETIME = timedelta(days=3650)

_SERIAL_SIZE = 16


@dataclass(frozen=True, slots=True)
class CertificateAuthority:
    """A certificate that may sign others, with its key."""

    certificate: bytes
    signer: PrivateKeySigner


def make_root(
    *,
    name: str,
    signer: PrivateKeySigner,
    not_before: datetime,
    entropy: Entropy,
    lifetime: timedelta = ROOT_LIFETIME,
    path_length: int | None = None,
) -> CertificateAuthority:
    """A self-signed root; ``path_length`` is how many authorities may stand between it and a leaf."""
    key = signer.public_jwk
    builder = _builder(name, name, key, key, not_before, lifetime, entropy)
    return CertificateAuthority(_signed(_authority(builder, path_length), signer), signer)


def make_intermediate(
    issuer: CertificateAuthority,
    *,
    name: str,
    signer: PrivateKeySigner,
    not_before: datetime,
    entropy: Entropy,
    lifetime: timedelta = ROOT_LIFETIME,
    path_length: int | None = 0,
) -> CertificateAuthority:
    """An authority below another."""
    keys = (signer.public_jwk, issuer.signer.public_jwk)
    builder = _builder(name, _subject(issuer), *keys, not_before, lifetime, entropy)
    return CertificateAuthority(_signed(_authority(builder, path_length), issuer.signer), signer)


def make_leaf(
    issuer: CertificateAuthority,
    *,
    name: str,
    jwk: PublicJwk,
    not_before: datetime,
    entropy: Entropy,
    san_uris: Sequence[str] = (),
    san_dns: Sequence[str] = (),
    lifetime: timedelta = LEAF_LIFETIME,
    signing_period: timedelta | None = SIGNING_PERIOD,
) -> bytes:
    """A participant's certificate in DER: for signatures only, by ``jwk``, in the name of its URIs and hosts.

    It may sign for ``signing_period`` (as the private key usage period, RFC 3280 section 4.2.1.4) and be checked
    for ``lifetime``, so that what it signed on its last day can still be verified.
    """
    names = [*map(x509.UniformResourceIdentifier, san_uris), *map(x509.DNSName, san_dns)]
    builder = (
        _builder(name, _subject(issuer), jwk, issuer.signer.public_jwk, not_before, lifetime, entropy)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
    )
    if signing_period is not None:
        period = x509.PrivateKeyUsagePeriod(not_before=not_before, not_after=not_before + signing_period)
        builder = builder.add_extension(period, critical=False)
    return _signed(builder, issuer.signer)


def _builder(  # noqa: PLR0917 - one private place where the pieces of a certificate meet
    subject: str,
    issuer: str,
    key: PublicJwk,
    issuer_key: PublicJwk,
    not_before: datetime,
    lifetime: timedelta,
    entropy: Entropy,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.key)
        # At least 64 unpredictable bits, positive, at most 20 octets (RFC 5280 section 4.1.2.2).
        .serial_number(int.from_bytes(b"\x01" + entropy.token(_SERIAL_SIZE)))
        .not_valid_before(not_before)
        .not_valid_after(not_before + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.key), critical=False)
    )


def _authority(builder: x509.CertificateBuilder, path_length: int | None) -> x509.CertificateBuilder:
    return builder.add_extension(
        x509.BasicConstraints(ca=True, path_length=path_length), critical=True
    ).add_extension(_key_usage(authority=True), critical=True)


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _subject(issuer: CertificateAuthority) -> str:
    subject = x509.load_der_x509_certificate(issuer.certificate).subject
    (common_name,) = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common_name.value)


def _signed(builder: x509.CertificateBuilder, signer: PrivateKeySigner) -> bytes:
    key: ec.EllipticCurvePrivateKey = signer.private_key
    return builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.DER)
