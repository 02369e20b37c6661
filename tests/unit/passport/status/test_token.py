import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import Malformed, PassportError, Reason, Rejected, Unavailable
from passport.jose import PrivateKeySigner, parse_compact
from passport.keys import TokenType, sign_token
from passport.status import (
    StatusList,
    StatusReference,
    StatusValue,
    commitment,
    list_id_of,
    sign_status_list,
    verify_status_list,
)
from passport.strict_json import JsonObject, JsonValue

URI = "https://bank.example/status/1"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BANK = PrivateKeySigner.from_secret(0xBA4C)
STATUSES = StatusList.empty(64).changed({5: StatusValue.REVOKED, 6: StatusValue.SUSPENDED})
CLAIMS: JsonObject = {
    "sub": URI,
    "iat": int(NOW.timestamp()),
    "exp": int((NOW + DAY).timestamp()),
    "version": 7,
    "ttl": 300,
    "status_list": STATUSES.to_json(),
}


def test_a_signed_list_is_verified() -> None:
    token = sign_status_list(
        STATUSES,
        uri=URI,
        version=7,
        issued_at=NOW,
        expires_at=NOW + DAY,
        signer=BANK,
        lifetime=timedelta(seconds=300),
        header={"kid": "1", "x5c": []},
    )
    verified = verify_status_list(token, key=BANK.public_jwk, uri=URI, now=NOW)
    assert verified.statuses == STATUSES
    assert (verified.uri, verified.version, verified.lifetime) == (URI, 7, timedelta(seconds=300))
    assert (verified.issued_at, verified.expires_at) == (NOW, NOW + DAY)
    assert [verified.get(index) for index in (4, 5, 6)] == [0, 1, 2]
    assert verified.header["kid"] == "1"
    assert verified.list_id == list_id_of(URI) == hashlib.sha256(URI.encode()).digest()
    assert verified.commitment == commitment(URI, 2, 7, STATUSES.raw)
    again = verify_status_list(parse_compact(token), key=BANK.public_jwk, uri=URI, now=NOW)
    assert again == verified


def signed(**change: JsonValue) -> str:
    claims = {name: value for name, value in {**CLAIMS, **change}.items() if value is not None}
    return sign_token(kind=TokenType.STATUS_LIST, payload=claims, signer=BANK)


def test_a_list_without_ttl_may_be_kept_as_long_as_it_lives() -> None:
    token = sign_status_list(STATUSES, uri=URI, version=1, issued_at=NOW, expires_at=NOW + DAY, signer=BANK)
    assert verify_status_list(token, key=BANK.public_jwk, uri=URI, now=NOW).lifetime is None


@pytest.mark.parametrize(
    "change",
    [
        {"sub": None},
        {"iat": None},
        {"exp": None},
        {"version": None},
        {"version": -1},
        {"version": "7"},
        {"ttl": -1},
        {"ttl": "300"},
        {"ttl": 366 * 24 * 3600 + 1},
        {"ttl": 2**53 - 1},
        {"exp": 2**53 - 1},
        {"iat": -(2**53) + 1},
        {"status_list": None},
        {"status_list": []},
        {"status_list": {"bits": 3, "lst": "eNo76fITAAPfAgc"}},
    ],
)
def test_a_spoilt_list_is_malformed(change: dict[str, JsonValue]) -> None:
    with pytest.raises(Malformed):
        verify_status_list(signed(**change), key=BANK.public_jwk, uri=URI, now=NOW)


def test_another_banks_list_is_refused() -> None:
    thief = PrivateKeySigner.from_secret(0xBAD)
    with pytest.raises(Rejected) as caught:
        verify_status_list(signed(), key=thief.public_jwk, uri=URI, now=NOW)
    assert caught.value.reason is Reason.SIGNATURE_INVALID


def test_another_list_of_the_same_bank_is_refused() -> None:
    with pytest.raises(Rejected) as caught:
        verify_status_list(signed(), key=BANK.public_jwk, uri=URI + "0", now=NOW)
    assert caught.value.reason is Reason.STATUS_INVALID


def test_times_hold_at_the_edges_and_one_second_past_them() -> None:
    verify_status_list(signed(), key=BANK.public_jwk, uri=URI, now=NOW + DAY - timedelta(seconds=1))
    with pytest.raises(Unavailable) as stale:
        verify_status_list(signed(), key=BANK.public_jwk, uri=URI, now=NOW + DAY)
    assert stale.value.reason is Reason.STATUS_STALE
    verify_status_list(signed(), key=BANK.public_jwk, uri=URI, now=NOW - timedelta(seconds=60))
    with pytest.raises(Rejected) as early:
        verify_status_list(signed(), key=BANK.public_jwk, uri=URI, now=NOW - timedelta(seconds=61))
    assert early.value.reason is Reason.NOT_YET_VALID


def test_a_million_entries_that_do_not_compress_are_read() -> None:
    raw = hashlib.shake_256(b"noise").digest(2**18)
    token = sign_status_list(
        StatusList(2, raw), uri=URI, version=1, issued_at=NOW, expires_at=NOW + DAY, signer=BANK
    )
    assert len(verify_status_list(token, key=BANK.public_jwk, uri=URI, now=NOW).statuses) == 2**20


@given(st.data())
def test_no_other_byte_anywhere_is_accepted(data: st.DataObject) -> None:
    token = signed()
    place = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.characters(codec="ascii").filter(lambda c: c != token[place]))
    with pytest.raises(PassportError):
        verify_status_list(
            token[:place] + character + token[place + 1 :], key=BANK.public_jwk, uri=URI, now=NOW
        )


def test_every_part_changes_the_commitment() -> None:
    raw = bytes(4)
    commitments = {
        commitment(URI, 2, 1, raw),
        commitment(URI + "0", 2, 1, raw),
        commitment(URI, 4, 1, raw),
        commitment(URI, 2, 2, raw),
        commitment(URI, 2, 1, bytes(5)),
        commitment(URI, 2, 1, b"\x01" + bytes(3)),
        # What moves from one part into its neighbour is another list, too.
        commitment(URI + "\x02", 2, 1, raw),
    }
    assert len(commitments) == 7
    assert {len(one) for one in commitments} == {32}


def test_commitment_is_pinned() -> None:
    """Another program computes it too: a change of the format must be seen."""
    independent = hashlib.sha256(
        b"financial-passport status list 1\x00"
        + bytes([0, 0, 0, 29])
        + URI.encode()
        + b"\x02"
        + bytes([0, 0, 0, 0, 0, 0, 1, 0])
        + b"\xaa\xbb"
    ).digest()
    assert commitment(URI, 2, 256, b"\xaa\xbb") == independent


def test_a_reference_goes_to_the_claim_and_back() -> None:
    reference = StatusReference(URI, 5)
    assert StatusReference.from_claims({"status": reference.to_json()}) == reference


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"status": {}},
        {"status": {"status_list": {"idx": 1}}},
        {"status": {"status_list": {"uri": URI}}},
        {"status": {"status_list": {"idx": -1, "uri": URI}}},
        {"status": {"status_list": {"idx": "1", "uri": URI}}},
        {"status": {"status_list": {"idx": 1.0, "uri": URI}}},
    ],
)
def test_a_reference_that_leads_nowhere_is_malformed(claims: JsonObject) -> None:
    with pytest.raises(Malformed):
        StatusReference.from_claims(claims)
