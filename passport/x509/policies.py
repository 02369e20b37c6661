"""What certificates of a chain must say: algorithms, and extensions for authorities and for the leaf."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, SignatureAlgorithmOID

from passport.errors import Reason, Rejected

_ALGORITHMS = frozenset({SignatureAlgorithmOID.ECDSA_WITH_SHA256, SignatureAlgorithmOID.ECDSA_WITH_SHA384})
_LONGEST_OID = 80
_CURVES = (ec.SECP256R1, ec.SECP384R1)
# What the checks below understand; anything else that is critical is refused (RFC 5280 section 4.2).
_UNDERSTOOD = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.NAME_CONSTRAINTS,
    }
)


def refusal(expected: str) -> Rejected:
    """The answer to a certificate that is readable and not acceptable."""
    return Rejected(Reason.CERTIFICATE_INVALID, f"expected {expected}")


def check_algorithms(chain: Sequence[x509.Certificate]) -> None:
    """Keys and signatures are of our list.

    Raises:
        Rejected: CERTIFICATE_INVALID.
    """
    for certificate in chain:
        key = certificate.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, _CURVES):
            raise refusal("keys on P-256 or P-384")
        if certificate.signature_algorithm_oid not in _ALGORITHMS:
            raise refusal("signatures by ECDSA with SHA-256 or SHA-384")


def check_extensions(certificate: x509.Certificate, which: str) -> None:
    """Critical extensions are understood, and name constraints are of the one kind that is enforced.

    ``which`` names the certificate for whoever has to replace it; the extension is named, too, since "not understood"
    alone sends people to look at clocks and keys.

    Raises:
        Rejected: CERTIFICATE_INVALID.
    """
    for extension in certificate.extensions:
        if extension.critical and extension.oid not in _UNDERSTOOD:
            raise refusal(
                f"{which} to have only critical extensions that are understood, got {_named(extension.oid)}"
            )
        if isinstance(extension.value, x509.NameConstraints):
            constraints = extension.value
            names = [*(constraints.permitted_subtrees or ()), *(constraints.excluded_subtrees or ())]
            if not all(isinstance(name, x509.DNSName) for name in names):
                raise refusal(f"{which} to have name constraints on DNS names only")


def _named(oid: x509.ObjectIdentifier) -> str:
    """The number, which is unambiguous, and the name where there is one; long numbers are cut."""
    known = {getattr(ExtensionOID, name): name for name in vars(ExtensionOID) if name.isupper()}
    number = oid.dotted_string[:_LONGEST_OID]
    return f"{known[oid].lower().replace('_', ' ')} ({number})" if oid in known else number


def _signs_certificates(
    _policy: verification.Policy, _certificate: x509.Certificate, usage: x509.KeyUsage
) -> None:
    if not usage.key_cert_sign:
        raise ValueError("an authority's key usage lacks keyCertSign")


def _signs_messages(
    _policy: verification.Policy, _certificate: x509.Certificate, usage: x509.KeyUsage
) -> None:
    if not usage.digital_signature or usage.key_cert_sign:
        raise ValueError("the leaf's key usage is not that of a signer of messages")


def _is_an_authority(
    _policy: verification.Policy,
    _certificate: x509.Certificate,
    constraints: x509.BasicConstraints,
) -> None:
    if not constraints.ca:
        raise ValueError("an authority's basic constraints lack cA")


def _is_no_authority(
    _policy: verification.Policy,
    _certificate: x509.Certificate,
    constraints: x509.BasicConstraints | None,
) -> None:
    if constraints is not None and constraints.ca:
        raise ValueError("the leaf is an authority")


def _admits_any_use(
    _policy: verification.Policy,
    _certificate: x509.Certificate,
    usages: x509.ExtendedKeyUsage | None,
) -> None:
    if usages is not None and ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE not in usages:
        raise ValueError("the extended key usage admits other uses only")


# RFC 5280 section 6.1.4 (k) asks a validator for cA alone; that the extension be critical (4.2.1.9) is for those who issue.
_EITHER = verification.Criticality.AGNOSTIC
AUTHORITIES = (
    verification.ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, _EITHER, _is_an_authority)
    .require_present(x509.KeyUsage, _EITHER, _signs_certificates)
    .may_be_present(x509.ExtendedKeyUsage, _EITHER, _admits_any_use)
)
LEAF = (
    verification.ExtensionPolicy.permit_all()
    .may_be_present(x509.BasicConstraints, _EITHER, _is_no_authority)
    .require_present(x509.KeyUsage, _EITHER, _signs_messages)
    .require_present(x509.SubjectAlternativeName, _EITHER, None)
    .may_be_present(x509.ExtendedKeyUsage, _EITHER, _admits_any_use)
)
