from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from passport.credential import AnchorTerms, FraudReference, OpenClaims, StatusReference, claims_to_sign
from passport.disclosable import Disclosable
from passport.errors import Malformed, Misconfigured
from passport.identifiers import PROOF_OF_FUNDS, Address, DidEthr, Handle
from passport.jose import PrivateKeySigner
from passport.strict_json import JsonValue

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
CLAIMS: Final = OpenClaims(
    issuer="http://127.0.0.1:8001",
    issued_at=NOW,
    expires_at=NOW + timedelta(days=90),
    vct=PROOF_OF_FUNDS,
    holder_key=PrivateKeySigner.from_secret(5).public_jwk,
    status=StatusReference("http://127.0.0.1:8001/status/1", 77),
    anchor=AnchorTerms(31337, Address("0x" + "ab" * 20), b"\x01" * 32, NOW + timedelta(seconds=60)),
    fraud=FraudReference(DidEthr.parse("did:ethr:0x7a69:0x" + "cd" * 20), Handle("A" * 22)),
)


def test_open_claims_read_back_what_they_wrote() -> None:
    assert OpenClaims.read(CLAIMS.to_claims()) == CLAIMS
    without = replace(CLAIMS, fraud=None)
    assert OpenClaims.read(without.to_claims()) == without


def test_the_open_claims_are_those_of_the_design_and_no_others() -> None:
    assert set(CLAIMS.to_claims()) == {"iss", "iat", "exp", "vct", "cnf", "status", "fraud", "anchor"}


def test_disclosable_claims_stand_beside_the_open_ones_and_never_replace_them() -> None:
    together = claims_to_sign(CLAIMS, {"as_of": Disclosable("x")})
    assert together["as_of"] == Disclosable("x")
    assert together["iss"] == CLAIMS.issuer
    with pytest.raises(Misconfigured, match="iss"):
        claims_to_sign(CLAIMS, {"iss": Disclosable("x")})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: replace(CLAIMS, expires_at=NOW),
        lambda: replace(CLAIMS, expires_at=NOW + timedelta(days=90, seconds=1)),
        lambda: StatusReference("", 1),
        lambda: StatusReference("u" * 2_049, 1),
        lambda: StatusReference("u", -1),
        lambda: replace(CLAIMS.anchor, salt=b""),
        lambda: replace(CLAIMS.anchor, chain_id=0),
        lambda: replace(CLAIMS.fraud, handle=Handle("AAAA")),  # type: ignore[type-var]
    ],
)
def test_a_value_out_of_range_is_malformed(spoil: Callable[[], object]) -> None:
    with pytest.raises(Malformed):
        spoil()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iss", None),
        ("exp", "soon"),
        ("cnf", {}),
        ("status", {"status_list": {"idx": 1}}),
        ("anchor", None),
        ("anchor", {"chain_id": 1, "registry": "0x", "salt": "AA", "due": 1}),
        ("fraud", {"hub": "x", "handle": "A" * 22}),
    ],
)
def test_signed_claims_with_one_part_spoiled_are_malformed(name: str, value: JsonValue) -> None:
    with pytest.raises(Malformed):
        OpenClaims.read({**CLAIMS.to_claims(), name: value})
