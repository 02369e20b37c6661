"""Start from a good message, spoil one thing, expect its reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from passport.clock import to_epoch
from passport.errors import Malformed, PassportError, Reason
from passport.fraud import AccountQuestion, make_token, open_sealed, seal
from passport.fraud.names import QUESTION_TYP, VERDICT_TYP
from passport.identifiers import Address, DidEthr
from passport.jose import PrivateKeySigner, b64u_encode, sign_compact
from passport.registry import ParticipantKey
from passport.strict_json import JsonObject

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
BANK = DidEthr(31337, Address("0x" + "a1" * 20))
HUB = DidEthr(31337, Address("0x" + "b2" * 20))
SIGNER = PrivateKeySigner.from_secret(7)
OTHER = PrivateKeySigner.from_secret(8)


class Book:
    def __init__(self, *keys: ParticipantKey) -> None:
        self.keys = keys

    def signing_key(self, who: Address, thumbprint: bytes) -> ParticipantKey | None:
        found = [key for key in self.keys if key.thumbprint == thumbprint and who == BANK.address]
        return found[0] if found else None


def key(**changes: datetime) -> ParticipantKey:
    return ParticipantKey(
        thumbprint=SIGNER.public_jwk.thumbprint(),
        valid_from=changes.pop("valid_from", NOW - timedelta(days=1)),
        **changes,
    )


def question(**changes: object) -> AccountQuestion:
    members: dict[str, object] = {
        "iss": str(BANK),
        "aud": str(HUB),
        "iat": to_epoch(NOW),
        "jti": "q" * 22,
        "purpose": "issuance",
        "nonce": "n" * 22,
        "accounts": (make_token(1, b"a" * 32),),
        "person": make_token(1, b"p" * 32),
    }
    return AccountQuestion.model_validate(members | changes)


def opened_reason(token: str, book: Book | None = None, at: datetime = NOW) -> Reason | None:
    with pytest.raises(PassportError) as refused:
        open_sealed(
            token, typ=QUESTION_TYP, kind=AccountQuestion, keys=book or Book(key()), audience=HUB, at=at
        )
    return getattr(refused.value, "reason", None)


def test_a_sealed_message_opens_to_the_same_message() -> None:
    token = seal(question(), typ=QUESTION_TYP, signer=SIGNER, x5c=("AAAA",))
    opened = open_sealed(
        token, typ=QUESTION_TYP, kind=AccountQuestion, keys=Book(key()), audience=HUB, at=NOW
    )
    assert opened.message == question()
    assert opened.signer == BANK
    assert opened.header["x5c"] == ["AAAA"]


@pytest.mark.parametrize(
    ("book", "reason"),
    [
        (Book(), Reason.KEY_UNKNOWN),
        (Book(key(valid_from=NOW + timedelta(seconds=1))), Reason.KEY_UNKNOWN),
        (Book(key(valid_until=NOW)), Reason.KEY_UNKNOWN),
        (Book(key(stolen_since=NOW)), Reason.KEY_UNKNOWN),
    ],
)
def test_the_registry_must_have_the_key_now(book: Book, reason: Reason) -> None:
    assert opened_reason(seal(question(), typ=QUESTION_TYP, signer=SIGNER), book) is reason


def test_a_key_of_another_participant_is_refused() -> None:
    stranger = DidEthr(31337, Address("0x" + "c3" * 20))
    token = seal(question(iss=str(stranger)), typ=QUESTION_TYP, signer=SIGNER)
    assert opened_reason(token) is Reason.KEY_UNKNOWN


def test_a_signer_on_another_chain_is_refused() -> None:
    token = seal(question(iss=str(DidEthr(1, BANK.address))), typ=QUESTION_TYP, signer=SIGNER)
    assert opened_reason(token) is Reason.WRONG_CHAIN


def test_another_type_is_refused() -> None:
    assert opened_reason(seal(question(), typ=VERDICT_TYP, signer=SIGNER)) is Reason.TOKEN_TYPE_MISMATCH


def test_another_audience_is_refused() -> None:
    token = seal(question(aud=str(BANK)), typ=QUESTION_TYP, signer=SIGNER)
    assert opened_reason(token) is Reason.AUDIENCE_MISMATCH


def test_age_is_judged_at_its_edges() -> None:
    token = seal(question(), typ=QUESTION_TYP, signer=SIGNER)
    for late in (timedelta(minutes=5), -timedelta(seconds=60)):
        open_sealed(
            token, typ=QUESTION_TYP, kind=AccountQuestion, keys=Book(key()), audience=HUB, at=NOW + late
        )
    assert opened_reason(token, at=NOW + timedelta(minutes=5, seconds=1)) is Reason.EXPIRED
    assert opened_reason(token, at=NOW - timedelta(seconds=61)) is Reason.NOT_YET_VALID


def test_kid_must_name_the_key_in_the_header() -> None:
    header: JsonObject = {"kid": "A" * 43, "jwk": SIGNER.public_jwk.to_json()}
    token = sign_compact(typ=QUESTION_TYP, payload=question().to_object(), signer=SIGNER, header=header)
    assert opened_reason(token) is Reason.KEY_UNKNOWN


def test_a_signature_by_another_key_than_the_header_names_is_refused() -> None:
    good = seal(question(), typ=QUESTION_TYP, signer=SIGNER)
    other = seal(question(), typ=QUESTION_TYP, signer=OTHER)
    forged = ".".join([*good.split(".")[:2], other.split(".")[2]])
    assert opened_reason(forged) is Reason.SIGNATURE_INVALID


def test_a_payload_of_another_form_is_malformed_and_repeats_no_value() -> None:
    payload = {**question().to_object(), "person": "not a token 4711"}
    header: JsonObject = {
        "kid": b64u_encode(SIGNER.public_jwk.thumbprint()),
        "jwk": SIGNER.public_jwk.to_json(),
    }
    token = sign_compact(typ=QUESTION_TYP, payload=payload, signer=SIGNER, header=header)
    with pytest.raises(Malformed) as refused:
        open_sealed(token, typ=QUESTION_TYP, kind=AccountQuestion, keys=Book(key()), audience=HUB, at=NOW)
    assert "4711" not in str(refused.value)
