import hashlib
from datetime import datetime, timedelta

import pytest

from passport.clock import Entropy
from passport.errors import Reason, Rejected
from passport.jose import PrivateKeySigner, b64u_encode
from passport.x509 import CertificateAuthority, VerifiedChain, make_intermediate, make_leaf, verify_x5c

URIS = ("https://bank.example", "did:ethr:0x7a69:0x1111111111111111111111111111111111111111")
DAY = timedelta(days=1)


@pytest.fixture
def leaf(root: CertificateAuthority, bank: PrivateKeySigner, entropy: Entropy, made_at: datetime) -> bytes:
    return make_leaf(
        root,
        name="Bank A",
        jwk=bank.public_jwk,
        not_before=made_at,
        entropy=entropy,
        san_uris=URIS,
        san_dns=["bank.example"],
    )


@pytest.fixture
def chain(leaf: bytes, root: CertificateAuthority, made_at: datetime) -> VerifiedChain:
    return verify_x5c([leaf], roots=[root.certificate], at=made_at + DAY)


def test_a_leaf_under_a_pinned_root_is_verified(
    chain: VerifiedChain, leaf: bytes, root: CertificateAuthority, bank: PrivateKeySigner, made_at: datetime
) -> None:
    assert chain.leaf == leaf
    assert chain.leaf_jwk == bank.public_jwk
    assert chain.san_uris == URIS
    assert chain.san_dns == ("bank.example",)
    assert chain.subject == "CN=Bank A"
    assert chain.root == root.certificate
    assert chain.root_sha256 == hashlib.sha256(root.certificate).digest()
    assert chain.x509_hash == b64u_encode(hashlib.sha256(leaf).digest())
    assert (chain.not_before, chain.not_after) == (made_at, made_at + 200 * DAY)
    assert chain.signs_until == made_at + 90 * DAY


def test_the_right_root_is_found_among_several(
    leaf: bytes, root: CertificateAuthority, entropy: Entropy, made_at: datetime
) -> None:
    from passport.x509 import make_root  # noqa: PLC0415 - the only use

    others = [
        make_root(
            name="Consortium Root",
            signer=PrivateKeySigner.from_secret(secret),
            not_before=made_at,
            entropy=entropy,
        ).certificate
        for secret in (7, 8)
    ]
    roots = [others[0], root.certificate, others[1]]
    assert verify_x5c([leaf], roots=roots, at=made_at + DAY).root == root.certificate


def test_two_authorities_may_stand_between_and_three_may_not(
    root: CertificateAuthority, bank: PrivateKeySigner, entropy: Entropy, made_at: datetime
) -> None:
    authority = root
    chain: list[bytes] = []
    for level in (3, 2, 1):
        authority = make_intermediate(
            authority,
            name=f"Authority {level}",
            signer=PrivateKeySigner.from_secret(300 + level),
            not_before=made_at,
            entropy=entropy,
            path_length=level,
        )
        chain.insert(0, authority.certificate)
        leaf = make_leaf(
            authority, name="x", jwk=bank.public_jwk, not_before=made_at, entropy=entropy, san_uris=URIS
        )
        x5c = [leaf, *chain]
        if len(x5c) <= 3:
            assert verify_x5c(x5c, roots=[root.certificate], at=made_at).leaf_jwk == bank.public_jwk
    from passport.errors import Malformed  # noqa: PLC0415 - the only use

    with pytest.raises(Malformed, match="1 to 3"):
        verify_x5c(x5c, roots=[root.certificate], at=made_at)


def test_validity_holds_at_the_edges_and_one_second_past_them(
    leaf: bytes, root: CertificateAuthority, made_at: datetime
) -> None:
    roots = [root.certificate]
    verify_x5c([leaf], roots=roots, at=made_at)
    verify_x5c([leaf], roots=roots, at=made_at + 200 * DAY)
    for at in (made_at - timedelta(seconds=1), made_at + 200 * DAY + timedelta(seconds=1)):
        with pytest.raises(Rejected) as caught:
            verify_x5c([leaf], roots=roots, at=at)
        assert caught.value.reason is Reason.CERTIFICATE_INVALID


def test_a_leaf_signs_for_ninety_days_and_is_checked_for_two_hundred(
    chain: VerifiedChain, made_at: datetime
) -> None:
    chain.check_signed_at(made_at)
    chain.check_signed_at(made_at + 90 * DAY)
    for moment in (made_at - timedelta(seconds=1), made_at + 90 * DAY + timedelta(seconds=1)):
        with pytest.raises(Rejected) as caught:
            chain.check_signed_at(moment)
        assert caught.value.reason is Reason.CERTIFICATE_INVALID


def test_without_a_signing_period_a_leaf_signs_as_long_as_it_lives(
    root: CertificateAuthority, bank: PrivateKeySigner, entropy: Entropy, made_at: datetime
) -> None:
    leaf = make_leaf(
        root,
        name="x",
        jwk=bank.public_jwk,
        not_before=made_at,
        entropy=entropy,
        san_uris=URIS,
        signing_period=None,
    )
    chain = verify_x5c([leaf], roots=[root.certificate], at=made_at)
    assert chain.signs_until == chain.not_after == made_at + 200 * DAY


def test_a_leaf_speaks_for_its_uris_and_no_other(chain: VerifiedChain) -> None:
    for uri in URIS:
        chain.check_uri(uri)
    for uri in ("https://bank.example/", "https://BANK.example", "", "bank.example"):
        with pytest.raises(Rejected) as caught:
            chain.check_uri(uri)
        assert caught.value.reason is Reason.ISSUER_MISMATCH
