import hashlib
from datetime import datetime

import pytest

from passport.clock import Entropy
from passport.disclosable import DECOY, ClaimPath, ClaimTree, Disclosable
from passport.errors import Malformed, Misconfigured, Reason, Rejected
from passport.jose import PrivateKeySigner, b64u_decode
from passport.sd_jwt import (
    IssuedSdJwt,
    VerifiedPresentation,
    confirmation,
    credential_hash,
    issue,
    parse,
    present,
    select,
    verify_issuer,
    verify_key_binding,
)
from passport.strict_json import JsonValue, as_array, as_object, loads

OPEN = {"iss", "vct", "iat", "exp", "cnf"}


def shown(text: str, bank: PrivateKeySigner, now: datetime) -> VerifiedPresentation:
    return verify_key_binding(
        verify_issuer(parse(text), bank.public_jwk), nonce="n-1", aud="x509_hash:X", now=now
    )


def showing(issued: IssuedSdJwt, holder: PrivateKeySigner, now: datetime, *paths: ClaimPath) -> str:
    return present(
        issued.text,
        disclose=paths,
        holder_signer=holder,
        nonce="n-1",
        aud="x509_hash:X",
        iat=int(now.timestamp()),
    )


def test_the_holder_reads_every_claim(
    issued: IssuedSdJwt, bank: PrivateKeySigner, holder: PrivateKeySigner
) -> None:
    received = parse(issued.text)
    verified = verify_issuer(received, bank.public_jwk)
    assert verified.header == received.unverified_header
    assert verified.header["kid"] == "1"
    assert verified.holder_key() == holder.public_jwk
    claims = verified.claims
    assert {name: claims[name] for name in claims if name not in OPEN} == {
        "family_name": "林",
        "given_name": "Mei-Ling",
        "thresholds": {"total": {"usd_10000": True, "usd_50000": True}},
        "accounts": [{"number": "****5678", "currency": "TWD"}, "open", [1, 2]],
        "address": {"city": "Taipei", "district": "Daan"},
    }


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([], {"thresholds": {"total": {}}, "accounts": ["open"]}),
        (
            [("thresholds", "total", "usd_50000")],
            {"thresholds": {"total": {"usd_50000": True}}, "accounts": ["open"]},
        ),
        (
            [("given_name",), ("thresholds",)],
            {
                "given_name": "Mei-Ling",
                "thresholds": {"total": {"usd_10000": True, "usd_50000": True}},
                "accounts": ["open"],
            },
        ),
        # A claim inside a hidden one brings the outer one along, but not its siblings.
        (
            [("accounts", 0, "currency")],
            {"thresholds": {"total": {}}, "accounts": [{"currency": "TWD"}, "open"]},
        ),
        (
            [("accounts", 0, "number"), ("address", "city")],
            {
                "thresholds": {"total": {}},
                "accounts": [{"number": "****5678", "currency": "TWD"}, "open"],
                "address": {"city": "Taipei"},
            },
        ),
        ([("accounts", 2)], {"thresholds": {"total": {}}, "accounts": ["open", [1, 2]]}),
        (
            [("accounts", None)],
            {
                "thresholds": {"total": {}},
                "accounts": [{"number": "****5678", "currency": "TWD"}, "open", [1, 2]],
            },
        ),
        ([("iss",)], {"thresholds": {"total": {}}, "accounts": ["open"]}),
    ],
)
def test_a_verifier_learns_what_was_chosen_and_nothing_else(
    *,
    issued: IssuedSdJwt,
    bank: PrivateKeySigner,
    holder: PrivateKeySigner,
    now: datetime,
    paths: list[ClaimPath],
    expected: dict[str, JsonValue],
) -> None:
    presentation = shown(showing(issued, holder, now, *paths), bank, now)
    assert {name: presentation.claims[name] for name in presentation.claims if name not in OPEN} == expected
    assert presentation.holder_key == holder.public_jwk
    assert presentation.credential_hash == issued.credential_hash
    assert presentation.key_binding.issued_at == now


def test_everything_is_chosen_by_the_empty_path(
    issued: IssuedSdJwt, bank: PrivateKeySigner, holder: PrivateKeySigner, now: datetime
) -> None:
    presentation = shown(showing(issued, holder, now, ()), bank, now)
    assert len(presentation.disclosed) == len(issued.disclosures)


@pytest.mark.parametrize(
    "path",
    [
        ("nickname",),
        ("iss", "x"),
        ("accounts", 3),
        ("accounts", -1),
        ("accounts", "0"),
        (0,),
        (None,),
        ("address", None),
        ("thresholds", "total", "usd_100000"),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(issued: IssuedSdJwt, path: ClaimPath) -> None:
    with pytest.raises(Rejected) as caught:
        select(issued.text, [path])
    assert caught.value.reason is Reason.CLAIM_MISSING


def test_disclosures_keep_the_issuers_order(issued: IssuedSdJwt) -> None:
    one = select(issued.text, [("given_name",), ("family_name",)])
    other = select(issued.text, [("family_name",), ("given_name",)])
    assert one == other


def test_only_the_bound_key_presents(issued: IssuedSdJwt, thief: PrivateKeySigner, now: datetime) -> None:
    with pytest.raises(Misconfigured, match="bound"):
        showing(issued, thief, now)


def test_a_presentation_is_not_presented_again(
    issued: IssuedSdJwt, holder: PrivateKeySigner, now: datetime
) -> None:
    with pytest.raises(Malformed, match="presentation"):
        select(showing(issued, holder, now), [])


def test_digests_are_sorted_and_as_many_whoever_the_holder_is(
    bank: PrivateKeySigner, holder: PrivateKeySigner, entropy: Entropy
) -> None:
    def payload_of(*met: bool) -> dict[str, JsonValue]:
        ladder: dict[str, ClaimTree] = {
            f"usd_{step}": Disclosable(True) if reached else DECOY for step, reached in enumerate(met)
        }
        issued = issue(
            claims={
                "total": ladder,
                "accounts": [Disclosable(1), DECOY],
                "cnf": confirmation(holder.public_jwk),
            },
            signer=bank,
            entropy=entropy,
        )
        return dict(as_object(loads(parse(issued.text).issuer_jwt.unverified_payload)))

    rich, poor = payload_of(True, True, True), payload_of(False, False, False)
    for payload in (rich, poor):
        digests = [str(digest) for digest in as_array(as_object(payload["total"])["_sd"])]
        assert len(digests) == 3
        assert digests == sorted(digests)
        assert all(len(b64u_decode(digest)) == 32 for digest in digests)
        assert len(as_array(payload["accounts"])) == 2
    assert as_object(rich["total"]).keys() == as_object(poor["total"]).keys() == {"_sd"}


def test_every_salt_has_128_bits_and_is_used_once(issued: IssuedSdJwt) -> None:
    salts = [str(as_array(loads(b64u_decode(text)))[0]) for text in issued.disclosures]
    assert len(set(salts)) == len(salts) == 9
    assert {len(b64u_decode(salt)) for salt in salts} == {16}


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
@pytest.mark.parametrize("wrap", [lambda value: value, Disclosable])
def test_a_reserved_name_is_not_issued(
    bank: PrivateKeySigner, entropy: Entropy, name: str, wrap: type[Disclosable]
) -> None:
    with pytest.raises(Misconfigured, match="reserved"):
        issue(claims={"a": {name: wrap("x")}}, signer=bank, entropy=entropy)


@pytest.mark.parametrize("claim", [Disclosable(Disclosable(1)), Disclosable(DECOY)])
def test_a_marker_directly_in_a_marker_is_refused(
    bank: PrivateKeySigner, entropy: Entropy, claim: ClaimTree
) -> None:
    with pytest.raises(Misconfigured, match="marker"):
        issue(claims={"a": claim}, signer=bank, entropy=entropy)


def test_credential_hash_is_of_the_signing_input_and_survives_every_showing(
    issued: IssuedSdJwt, holder: PrivateKeySigner, now: datetime
) -> None:
    signing_input = issued.issuer_jwt.rpartition(".")[0]
    expected = hashlib.sha256(signing_input.encode()).digest()
    assert issued.credential_hash == expected
    assert credential_hash(issued.issuer_jwt) == expected
    assert credential_hash(showing(issued, holder, now, ("given_name",))) == expected
    assert parse(issued.text).credential_hash == expected
    with pytest.raises(Malformed):
        credential_hash("not a token")


def test_a_credential_without_any_disclosure_is_a_jwt_and_a_tilde(
    bank: PrivateKeySigner, entropy: Entropy
) -> None:
    issued = issue(claims={"a": [None, 1.5, {}]}, signer=bank, entropy=entropy)
    assert issued.text == issued.issuer_jwt + "~"
    assert verify_issuer(parse(issued.text), bank.public_jwk).claims == {"a": [None, 1.5, {}]}
