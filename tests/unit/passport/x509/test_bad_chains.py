"""T17 of the threat list: chains in which one thing is wrong. Each starts from a good one."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from passport.clock import Entropy
from passport.errors import Malformed, Misconfigured, PassportError, Reason, Rejected
from passport.identifiers import DidEthr
from passport.jose import PrivateKeySigner
from passport.x509 import (
    CertificateAuthority,
    ChainLimits,
    claimed_participant,
    make_leaf,
    make_root,
    verify_x5c,
)

AT = datetime.fromisoformat("2026-11-21T00:00:00+00:00")
DAY = timedelta(days=1)


def p256(secret: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(secret, ec.SECP256R1())


ROOT_KEY, MIDDLE_KEY, LEAF_KEY = p256(11), p256(22), p256(33)
# Made once: RSA keys cannot be derived from a number.
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ED_KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x01")

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


def usage(*, sign: bool = False, certify: bool = False, agree: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=sign,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=agree,
        key_cert_sign=certify,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


@dataclass(frozen=True)
class Made:
    """One certificate to be: a test replaces one thing."""

    subject: str
    issuer: str
    key: Key
    issuer_key: Key
    extensions: Sequence[tuple[x509.ExtensionType, bool]] = field(default_factory=tuple)
    not_before: datetime = AT - DAY
    not_after: datetime = AT + DAY
    digest: hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None = field(default_factory=hashes.SHA256)

    def der(self) -> bytes:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.issuer)]))
            .public_key(self.key.public_key())
            .serial_number(1000)
            .not_valid_before(self.not_before)
            .not_valid_after(self.not_after)
        )
        for extension, critical in self.extensions:
            builder = builder.add_extension(extension, critical=critical)
        # Deterministic, so that the same certificate made twice is the same bytes.
        same = True if isinstance(self.issuer_key, ec.EllipticCurvePrivateKey) else None
        signed = builder.sign(self.issuer_key, self.digest, ecdsa_deterministic=same)
        return signed.public_bytes(Encoding.DER)

    def without(self, kind: type[x509.ExtensionType]) -> Made:
        return replace(self, extensions=[pair for pair in self.extensions if not isinstance(pair[0], kind)])

    def with_(self, extension: x509.ExtensionType, *, critical: bool = True) -> Made:
        kept = self.without(type(extension)).extensions
        return replace(self, extensions=[*kept, (extension, critical)])


AUTHORITY = [(x509.BasicConstraints(ca=True, path_length=None), True), (usage(certify=True), True)]
ROOT = Made("Root", "Root", ROOT_KEY, ROOT_KEY, AUTHORITY)
MIDDLE = Made("Middle", "Root", MIDDLE_KEY, ROOT_KEY, AUTHORITY)
SAN = x509.SubjectAlternativeName(
    [x509.UniformResourceIdentifier("https://bank.example"), x509.DNSName("bank.example")]
)
LEAF = Made("Leaf", "Middle", LEAF_KEY, MIDDLE_KEY, [(usage(sign=True), True), (SAN, False)])


def constrained(*, permitted: list[x509.GeneralName]) -> x509.NameConstraints:
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)


def verify(*chain: Made, roots: Sequence[Made] = (ROOT,)) -> None:
    verify_x5c([made.der() for made in chain], roots=[made.der() for made in roots], at=AT)


def test_the_good_chains_pass() -> None:
    verify(LEAF, MIDDLE)
    verify(replace(LEAF, issuer="Root", issuer_key=ROOT_KEY))
    verify(LEAF.with_(x509.BasicConstraints(ca=False, path_length=None)), MIDDLE)
    verify(LEAF.with_(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])), MIDDLE)
    verify(LEAF, MIDDLE.with_(constrained(permitted=[x509.DNSName("bank.example")])))
    verify(LEAF, MIDDLE.with_(x509.BasicConstraints(ca=True, path_length=0)))
    verify(LEAF, replace(MIDDLE, digest=hashes.SHA384()))
    # RFC 5280 section 6.1.4 (k) asks for cA alone; critical or not is for those who issue (section 4.2.1.9).
    not_critical = x509.BasicConstraints(ca=True, path_length=None)
    verify(LEAF, MIDDLE.with_(not_critical, critical=False))
    verify(LEAF, MIDDLE, roots=[ROOT.with_(not_critical, critical=False)])


OTHER_ROOT = Made("Root", "Root", p256(99), p256(99), AUTHORITY)
SIGNER_OF_NOTHING = replace(MIDDLE, extensions=[(usage(sign=True), True), (SAN, False)])
P384_KEY = ec.derive_private_key(44, ec.SECP384R1())

BAD: dict[str, Callable[[], None]] = {
    "leaf without key usage": lambda: verify(LEAF.without(x509.KeyUsage), MIDDLE),
    "leaf that may not sign messages": lambda: verify(LEAF.with_(usage(agree=True)), MIDDLE),
    "leaf that may also sign certificates": lambda: verify(
        LEAF.with_(usage(sign=True, certify=True)), MIDDLE
    ),
    "leaf that is an authority": lambda: verify(
        LEAF.with_(x509.BasicConstraints(ca=True, path_length=None)), MIDDLE
    ),
    "leaf without alternative names": lambda: verify(LEAF.without(x509.SubjectAlternativeName), MIDDLE),
    "leaf for TLS servers only": lambda: verify(
        LEAF.with_(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])), MIDDLE
    ),
    "leaf expired": lambda: verify(replace(LEAF, not_after=AT - timedelta(seconds=1)), MIDDLE),
    "leaf not valid yet": lambda: verify(replace(LEAF, not_before=AT + timedelta(seconds=1)), MIDDLE),
    "leaf on another curve": lambda: verify(replace(LEAF, key=P384_KEY), MIDDLE),
    "leaf with an RSA key": lambda: verify(replace(LEAF, key=RSA_KEY), MIDDLE),
    "leaf signed with another hash": lambda: verify(replace(LEAF, digest=hashes.SHA512()), MIDDLE),
    "leaf with an unknown critical extension": lambda: verify(
        LEAF.with_(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")), MIDDLE
    ),
    "authority without CA": lambda: verify(
        LEAF, MIDDLE.with_(x509.BasicConstraints(ca=False, path_length=None))
    ),
    "authority without basic constraints": lambda: verify(LEAF, MIDDLE.without(x509.BasicConstraints)),
    "another bank's leaf as authority": lambda: verify(LEAF, SIGNER_OF_NOTHING),
    "authority that may not sign certificates": lambda: verify(LEAF, MIDDLE.with_(usage(sign=True))),
    "authority expired": lambda: verify(LEAF, replace(MIDDLE, not_after=AT - timedelta(seconds=1))),
    "authority for TLS servers only": lambda: verify(
        LEAF, MIDDLE.with_(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]))
    ),
    "authority with a critical extension unknown to us": lambda: verify(
        LEAF, MIDDLE.with_(x509.PolicyConstraints(require_explicit_policy=0, inhibit_policy_mapping=None))
    ),
    "authority with an RSA key": lambda: verify(
        replace(LEAF, issuer_key=RSA_KEY), replace(MIDDLE, key=RSA_KEY)
    ),
    "authority with an Ed25519 key": lambda: verify(
        replace(LEAF, issuer_key=ED_KEY, digest=None), replace(MIDDLE, key=ED_KEY)
    ),
    "host name outside its constraint": lambda: verify(
        LEAF, MIDDLE.with_(constrained(permitted=[x509.DNSName("other.example")]))
    ),
    "constraint of a kind that is not enforced": lambda: verify(
        LEAF, MIDDLE.with_(constrained(permitted=[x509.UniformResourceIdentifier("bank.example")]))
    ),
    "constraint on directory names, which the library skips where it is not critical": lambda: verify(
        LEAF,
        MIDDLE.with_(
            constrained(
                permitted=[
                    x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Elsewhere")]))
                ]
            ),
            critical=False,
        ),
    ),
    "key identifier that is critical": lambda: verify(
        LEAF.with_(x509.SubjectKeyIdentifier.from_public_key(LEAF_KEY.public_key())), MIDDLE
    ),
    "path longer than the root allows": lambda: verify(
        LEAF, MIDDLE, roots=[ROOT.with_(x509.BasicConstraints(ca=True, path_length=0))]
    ),
    "root expired": lambda: verify(LEAF, MIDDLE, roots=[replace(ROOT, not_after=AT - timedelta(seconds=1))]),
    "root that may not sign certificates": lambda: verify(LEAF, MIDDLE, roots=[ROOT.with_(usage(sign=True))]),
    "root within x5c": lambda: verify(LEAF, MIDDLE, ROOT),
    "another self-signed root within x5c": lambda: verify(LEAF, MIDDLE, OTHER_ROOT),
    "self-signed leaf, pinned": lambda: verify(
        replace(LEAF, subject="Root", issuer="Root", issuer_key=LEAF_KEY),
        roots=[replace(LEAF, subject="Root", issuer="Root", issuer_key=LEAF_KEY)],
    ),
    "leaf pinned as root": lambda: verify(LEAF, MIDDLE, roots=[ROOT, LEAF]),
    "pinned authority within x5c": lambda: verify(LEAF, MIDDLE, roots=[ROOT, MIDDLE]),
    "authority that issued itself": lambda: verify(
        LEAF, replace(MIDDLE, issuer="Middle"), roots=[replace(ROOT, subject="Middle", issuer="Middle")]
    ),
    "authority missing": lambda: verify(LEAF),
    "wrong order": lambda: verify(MIDDLE, LEAF),
    "a stranger at the end": lambda: verify(
        replace(LEAF, issuer="Root", issuer_key=ROOT_KEY), replace(MIDDLE, subject="Stranger")
    ),
    "a detour through another certificate of the root's key": lambda: verify(
        replace(LEAF, issuer="Root", issuer_key=ROOT_KEY),
        Made("Root", "Middle", ROOT_KEY, MIDDLE_KEY, AUTHORITY),
        MIDDLE,
    ),
    "no root": lambda: verify(LEAF, MIDDLE, roots=[]),
    "a root of the same name and another key": lambda: verify(LEAF, MIDDLE, roots=[OTHER_ROOT]),
}
NOT_TRUSTED = {"authority missing", "no root", "a root of the same name and another key"}


@pytest.mark.parametrize("case", BAD)
def test_x5c_bad_chains(case: str) -> None:
    with pytest.raises(Rejected) as caught:
        BAD[case]()
    expected = Reason.CERTIFICATE_NOT_TRUSTED if case in NOT_TRUSTED else Reason.CERTIFICATE_INVALID
    assert caught.value.reason is expected


P384_KEY_NAME = "keys on P-256 or P-384"
WORDS = {
    "leaf without key usage": "certificate 1 of x5c to have a key usage",
    "leaf that may not sign messages": "certificate 1 of x5c to be for signing messages alone",
    "leaf that is an authority": "certificate 1 of x5c to be no authority",
    "leaf without alternative names": "certificate 1 of x5c to have alternative names",
    "leaf for TLS servers only": "certificate 1 of x5c to admit any extended key usage",
    "leaf expired": "certificate 1 of x5c to be valid at 2026-11-21T00:00:00+00:00, got one that expired",
    "leaf not valid yet": "certificate 1 of x5c to be valid at 2026-11-21T00:00:00+00:00, got one that is valid from",
    "leaf with an RSA key": P384_KEY_NAME,
    "leaf signed with another hash": "ECDSA with SHA-256 or SHA-384",
    "leaf with an unknown critical extension": "understood, got 1.2.3.4",
    "key identifier that is critical": "understood, got subject key identifier (2.5.29.14)",
    "authority with a critical extension unknown to us": "certificate 2 of x5c to have only critical extensions that "
    "are understood, got policy constraints (2.5.29.36)",
    "authority without CA": "certificate 2 of x5c to be an authority",
    "authority without basic constraints": "certificate 2 of x5c to be an authority",
    "authority that may not sign certificates": "certificate 2 of x5c to allow signing certificates",
    "authority expired": "certificate 2 of x5c to be valid at",
    "authority for TLS servers only": "certificate 2 of x5c to admit any extended key usage",
    "host name outside its constraint": "name constraints of every authority",
    "constraint of a kind that is not enforced": "certificate 2 of x5c to have name constraints on DNS names only",
    "path longer than the root allows": "the pinned root to admit a path of 1 authorities below it, got a path length of 0",
    "root expired": "the pinned root to be valid at",
    "root that may not sign certificates": "the pinned root to allow signing certificates",
    "wrong order": "certificate 1 of x5c to be signed by the next: it names another issuer",
    "authority missing": "got one to another",
    "a root of the same name and another key": "got one of the same name by another key",
}


@pytest.mark.parametrize("case", WORDS)
def test_each_cause_of_a_bad_chain_has_its_own_words(case: str) -> None:
    """Whoever joins a bank is sent to the thing that is wrong, and not to the clock."""
    with pytest.raises(Rejected) as caught:
        BAD[case]()
    assert WORDS[case] in str(caught.value)


def test_a_signature_by_another_key_of_the_same_name_has_its_own_words() -> None:
    with pytest.raises(Rejected, match="the signature does not verify with that key"):
        verify(replace(LEAF, issuer_key=p256(77)), MIDDLE)


def test_two_causes_are_told_apart_in_a_chain_of_two_authorities() -> None:
    """Expiry beats what comes after it, and the first certificate from the leaf is named."""
    late = replace(MIDDLE, not_after=AT - timedelta(seconds=1))
    with pytest.raises(Rejected, match="certificate 2 of x5c to be valid"):
        verify(LEAF, late, roots=[replace(ROOT, not_after=AT - timedelta(seconds=1))])


@pytest.mark.parametrize("count", [0, 4, 100])
def test_a_chain_of_another_length_is_malformed(count: int) -> None:
    with pytest.raises(Malformed, match="1 to 3"):
        verify_x5c([LEAF.der()] * count, roots=[ROOT.der()], at=AT)


def test_size_limit_holds_at_the_edge_and_one_past_it() -> None:
    chain = [replace(LEAF, issuer="Root", issuer_key=ROOT_KEY).der()]
    verify_x5c(chain, roots=[ROOT.der()], at=AT, limits=ChainLimits(size=len(chain[0])))
    with pytest.raises(Malformed, match="at most"):
        verify_x5c(chain, roots=[ROOT.der()], at=AT, limits=ChainLimits(size=len(chain[0]) - 1))


@pytest.mark.parametrize("der", [b"", b"\x30", b"not DER", LEAF.der()[:-1], LEAF.der() + b"\x00"])
def test_bytes_that_are_no_certificate_are_malformed(der: bytes) -> None:
    with pytest.raises(Malformed):
        verify_x5c([der], roots=[ROOT.der()], at=AT)


def test_a_serial_number_that_is_not_positive_is_malformed() -> None:
    der = replace(LEAF, issuer="Root", issuer_key=ROOT_KEY).der()
    serial = bytes.fromhex("020203e8")
    assert der.count(serial) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(Malformed, match="positive"):
            verify_x5c([der.replace(serial, bytes.fromhex("0202ff38"))], roots=[], at=AT)


def test_a_pinned_root_that_cannot_be_read_is_ours_to_fix() -> None:
    with pytest.raises(Misconfigured):
        verify_x5c([replace(LEAF, issuer="Root", issuer_key=ROOT_KEY).der()], roots=[b"?"], at=AT)


def test_every_spoilt_bit_of_a_leaf_is_refused(entropy: Entropy) -> None:
    authority: CertificateAuthority = make_root(
        name="Root", signer=PrivateKeySigner.from_secret(11), not_before=AT - DAY, entropy=entropy
    )
    leaf = make_leaf(
        authority,
        name="Bank A",
        jwk=PrivateKeySigner.from_secret(33).public_jwk,
        not_before=AT - DAY,
        entropy=entropy,
        san_uris=["https://bank.example"],
    )
    roots = [authority.certificate]
    verify_x5c([leaf], roots=roots, at=AT)
    for place, bit in itertools.product(range(len(leaf)), range(8)):
        spoilt = leaf[:place] + bytes([leaf[place] ^ 1 << bit]) + leaf[place + 1 :]
        with pytest.raises(PassportError):
            verify_x5c([spoilt], roots=roots, at=AT)


CHAIN = [LEAF.der(), MIDDLE.der()]


@given(
    which=st.integers(0, 1),
    edits=st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255), st.sampled_from("rid")), max_size=3),
)
def test_however_spoilt_a_chain_gets_an_answer_of_ours(which: int, edits: list[tuple[int, int, str]]) -> None:
    spoilt = bytearray(CHAIN[which])
    for place, byte, kind in edits:
        at = place % len(spoilt)
        if kind == "r":
            spoilt[at] = byte
        elif kind == "i":
            spoilt.insert(at, byte)
        else:
            del spoilt[at]
    chain = [bytes(spoilt) if index == which else der for index, der in enumerate(CHAIN)]
    if chain == CHAIN:
        verify_x5c(chain, roots=[ROOT.der()], at=AT)
    else:
        with pytest.raises(PassportError):
            verify_x5c(chain, roots=[ROOT.der()], at=AT)


@given(
    edits=st.lists(st.tuples(st.integers(0, 2**16), st.integers(0, 255), st.sampled_from("rid")), max_size=3)
)
def test_however_spoilt_a_leaf_says_whom_it_claims_or_is_refused(edits: list[tuple[int, int, str]]) -> None:
    """The name is looked at before the chain is: what cannot be read must be refused there, too, and never a 500."""
    spoilt = bytearray(LEAF.der())
    for place, byte, kind in edits:
        at = place % len(spoilt)
        if kind == "r":
            spoilt[at] = byte
        elif kind == "i":
            spoilt.insert(at, byte)
        else:
            del spoilt[at]
    with pytest.raises(PassportError):  # This leaf names no DID, so that the answer is always a refusal.
        claimed_participant(bytes(spoilt))


def odd(old: bytes, new: bytes) -> bytes:
    der = replace(LEAF, issuer="Root", issuer_key=ROOT_KEY).der()
    assert old in der
    assert len(old) == len(new)
    return der.replace(old, new)


UNREADABLE = {
    "empty": b"",
    "garbage": b"\x30\x82\xff\xff" + bytes(64),
    "negative serial number": odd(bytes.fromhex("020203e8"), bytes.fromhex("0202ff38")),
    "version 4": odd(bytes.fromhex("a003020102"), bytes.fromhex("a003020103")),
    "the same extension twice": odd(bytes.fromhex("0603551d0f"), bytes.fromhex("0603551d11")),
    "a date that no calendar has": odd(b"261120000000Z", b"261399000000Z"),
    "a curve that the library does not know": odd(
        bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d030177")
    ),
    "an alternative name of a kind that cannot be read": odd(
        bytes([0x86]) + bytes([len("https://bank.example")]),
        bytes([0xA3]) + bytes([len("https://bank.example")]),
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", UNREADABLE)
def test_a_certificate_that_cannot_be_read_is_malformed_wherever_it_is_read(case: str) -> None:
    with pytest.raises(Malformed):
        claimed_participant(UNREADABLE[case])
    with pytest.raises(Malformed):
        verify_x5c([UNREADABLE[case]], roots=[ROOT.der()], at=AT)


def test_a_leaf_names_one_participant_whatever_the_case_of_its_letters() -> None:
    low = "did:ethr:0x7a69:0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
    mixed = "did:ethr:0x7A69:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"

    def leaf(*uris: str) -> Made:
        names = [x509.UniformResourceIdentifier(uri) for uri in ("https://bank.example", *uris)]
        return replace(
            LEAF.with_(x509.SubjectAlternativeName(names), critical=False), issuer="Root", issuer_key=ROOT_KEY
        )

    for spelled in (low, mixed):
        chain = verify_x5c([leaf(spelled).der()], roots=[ROOT.der()], at=AT)
        assert claimed_participant(chain.leaf) == chain.participant() == DidEthr.parse(low)
        chain.check_participant(DidEthr.parse(mixed))
        with pytest.raises(Rejected) as caught:
            chain.check_participant(DidEthr.parse(low[:-1] + "e"))
        assert caught.value.reason is Reason.ISSUER_MISMATCH
    for uris in ((), (low, mixed), (low, low[:-1] + "e")):
        with pytest.raises(Rejected, match="one did:ethr"):
            claimed_participant(leaf(*uris).der())
    with pytest.raises(Malformed):
        claimed_participant(leaf("did:ethr:nobody").der())
