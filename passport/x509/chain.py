"""Verifying ``x5c`` up to a pinned root."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import verification

from passport.errors import Malformed, Reason, Rejected
from passport.identifiers import DidEthr
from passport.jose import PublicJwk
from passport.x509.causes import why_refused
from passport.x509.encoding import root_hash, x509_hash
from passport.x509.policies import AUTHORITIES, LEAF, check_algorithms, check_extensions, refusal
from passport.x509.reading import ChainLimits, read_certificate, read_root

_DID_ETHR = "did:ethr:"


@dataclass(frozen=True, slots=True)
class VerifiedChain:
    """A leaf, verified up to a pinned root."""

    leaf: bytes
    leaf_jwk: PublicJwk
    subject: str
    san_uris: tuple[str, ...]
    san_dns: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    signs_until: datetime
    """The end of the private key usage period, else of the certificate."""
    root: bytes

    @property
    def root_sha256(self) -> bytes:
        """The root as the ledger keeps it."""
        return root_hash(self.root)

    @property
    def x509_hash(self) -> str:
        """What follows ``x509_hash:`` in a client id."""
        return x509_hash(self.leaf)

    def participant(self) -> DidEthr:
        """The one ``did:ethr`` that the leaf names, as a value: its address may be in any case of letters (EIP-55).

        Raises:
            Malformed: it is not one. Rejected: CERTIFICATE_INVALID, the leaf names none or several.
        """
        return one_participant(self.san_uris)

    def check_participant(self, did: DidEthr) -> None:
        """The leaf speaks for ``did``.

        Raises:
            Malformed, Rejected: as ``participant``; ISSUER_MISMATCH.
        """
        if self.participant() != did:
            raise Rejected(Reason.ISSUER_MISMATCH, "expected a certificate for this DID, got another's")

    def check_uri(self, uri: str) -> None:
        """The leaf speaks for ``uri``.

        Raises:
            Rejected: ISSUER_MISMATCH.
        """
        if uri not in self.san_uris:
            raise Rejected(Reason.ISSUER_MISMATCH, "expected a certificate for this URI, got another's")

    def check_signed_at(self, moment: datetime) -> None:
        """The leaf could sign at ``moment``: a certificate is checked for longer than it signs.

        Raises:
            Rejected: CERTIFICATE_INVALID.
        """
        if not self.not_before <= moment <= self.signs_until:
            raise Rejected(Reason.CERTIFICATE_INVALID, "expected a signature within the key's signing period")


_DEFAULT_LIMITS = ChainLimits()


def claimed_participant(leaf: bytes, limits: ChainLimits = _DEFAULT_LIMITS) -> DidEthr:
    """The ``did:ethr`` that a leaf claims, before anybody vouched for it: only good for refusing early.

    Raises:
        Malformed: the certificate or the DID cannot be read. Rejected: CERTIFICATE_INVALID, it names none or several.
    """
    for extension in read_certificate(leaf, limits).extensions:
        if isinstance(extension.value, x509.SubjectAlternativeName):
            return one_participant(extension.value.get_values_for_type(x509.UniformResourceIdentifier))
    return one_participant(())


def one_participant(uris: Sequence[str]) -> DidEthr:
    """The one ``did:ethr`` among the URIs of a certificate.

    Raises:
        Malformed: it cannot be read. Rejected: CERTIFICATE_INVALID, there is none, or there are several.
    """
    named = [uri for uri in uris if uri.startswith(_DID_ETHR)]
    if len(named) != 1:
        raise Rejected(
            Reason.CERTIFICATE_INVALID, f"expected a certificate with one did:ethr, got {len(named)}"
        )
    return DidEthr.parse(named[0])


def verify_x5c(
    x5c: Sequence[bytes],
    *,
    roots: Sequence[bytes],
    at: datetime,
    limits: ChainLimits = _DEFAULT_LIMITS,
) -> VerifiedChain:
    """Verify DER certificates, leaf first and the root left out, as of ``at``.

    1. Count and sizes are within the limits; each certificate can be read.
    2. Signature algorithms and curves are of our list.
    3. Nothing in ``x5c`` is self-issued or pinned: the root is left out and the leaf is not a root (HAIP 1.0).
    4. The path holds as of ``at``, pinned root included (RFC 5280 section 6.1): signatures, names, validity, basic
       constraints, path lengths, DNS name constraints; authorities may sign certificates, the leaf is none and may
       make digital signatures; an extended key usage, where there is one, admits any use.
    5. The path is the whole of ``x5c`` in its order (RFC 7515 section 4.1.6).
    6. Every critical extension is understood; name constraints are of the one kind that is enforced.
    7. The leaf's key is on P-256.

    Raises:
        Malformed: step 1. Rejected: CERTIFICATE_NOT_TRUSTED, when no pinned root signed; else CERTIFICATE_INVALID.
    """
    if not 1 <= len(x5c) <= limits.certificates:
        raise Malformed(f"expected 1 to {limits.certificates} certificates, got {len(x5c)}")
    chain = [read_certificate(der, limits) for der in x5c]
    check_algorithms(chain)
    if not set(x5c).isdisjoint(roots) or any(one.subject == one.issuer for one in chain):
        raise refusal("a chain without its root")
    pinned = [read_root(der) for der in roots]
    try:
        path = _verifier(pinned, len(chain), at).verify(chain[0], chain[1:]).chain
    except (verification.VerificationError, ValueError) as error:
        raise why_refused(chain, pinned, at, str(error)) from error
    if path[:-1] != chain:
        raise refusal("the path to be the whole chain")
    for place, certificate in enumerate(path, 1):
        check_extensions(
            certificate, "the pinned root" if place == len(path) else f"certificate {place} of x5c"
        )
    return _verified(chain[0], path[-1])


def _verifier(roots: Sequence[x509.Certificate], depth: int, at: datetime) -> verification.ClientVerifier:
    if not roots:
        raise Rejected(Reason.CERTIFICATE_NOT_TRUSTED, "expected a pinned root, got none")
    return (
        verification.PolicyBuilder()
        .store(verification.Store(list(roots)))
        .time(at)
        .max_chain_depth(depth)
        .extension_policies(ca_policy=AUTHORITIES, ee_policy=LEAF)
        .build_client_verifier()
    )


def _verified(certificate: x509.Certificate, root: x509.Certificate) -> VerifiedChain:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise refusal("the leaf's key on P-256")
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return VerifiedChain(
        leaf=certificate.public_bytes(Encoding.DER),
        leaf_jwk=PublicJwk.from_key(key),
        subject=certificate.subject.rfc4514_string(),
        san_uris=tuple(names.get_values_for_type(x509.UniformResourceIdentifier)),
        san_dns=tuple(names.get_values_for_type(x509.DNSName)),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        signs_until=_signs_until(certificate),
        root=root.public_bytes(Encoding.DER),
    )


def _signs_until(certificate: x509.Certificate) -> datetime:
    for extension in certificate.extensions:
        if isinstance(extension.value, x509.PrivateKeyUsagePeriod) and extension.value.not_after is not None:
            return extension.value.not_after.replace(tzinfo=UTC)
    return certificate.not_valid_after_utc
