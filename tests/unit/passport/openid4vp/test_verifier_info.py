from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from passport.errors import Malformed, Reason, Rejected
from passport.identifiers import DidEthr
from passport.openid4vp.verifier_info import (
    VerifierInfo,
    find_registration,
    registration_entry,
    require_registered,
)
from passport.registry import Grant, Role, evidence_hash
from passport.strict_json import JsonObject, JsonValue

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
DID: Final = DidEthr.parse("did:ethr:0x7a69:0x" + "ab" * 20)
WORDS: Final[JsonObject] = {"en": "words", "zh-TW": "字"}
REGISTRATION: Final[JsonObject] = {
    "did": str(DID),
    "legal_name": WORDS,
    "lei": "5493001KJTIIGC8Y1R12",
    "country": "NL",
    "contact": "x",
    "purposes": [{"id": "account-opening", "words": WORDS}],
    "data_categories": [{"id": "identity", "words": WORDS}],
    "retention_days": 1,
    "retention": WORDS,
    "recipients": WORDS,
    "rights": WORDS,
    "if_refused": WORDS,
    "asks_hub": False,
}
GRANT: Final = Grant(
    number=1,
    participant=DID.address,
    role=Role.VERIFIER,
    schema=bytes(32),
    valid_from=NOW - timedelta(days=1),
    valid_until=NOW + timedelta(days=1),
    evidence_hash=evidence_hash(REGISTRATION),
)
ENTRY: Final = registration_entry(REGISTRATION, purpose="account-opening")
STRANGER: Final = VerifierInfo(format="jwt", data="eyJ…")


def test_a_registration_that_the_ledger_vouches_for_is_verified() -> None:
    claimed = find_registration([STRANGER, ENTRY])
    found = require_registered(
        claimed, verifier=DID, grants=[replace(GRANT, role=Role.ISSUER), GRANT], at=NOW
    )
    assert found.grant is GRANT
    assert found.purpose.id == "account-opening"
    assert found.registration.country == "NL"


@pytest.mark.parametrize("entries", [None, [], [STRANGER], [ENTRY, ENTRY]])
def test_there_is_exactly_one_registration(entries: list[VerifierInfo] | None) -> None:
    with pytest.raises(Rejected) as caught:
        find_registration(entries)
    assert caught.value.reason is Reason.REQUEST_INVALID


@pytest.mark.parametrize(
    "data", ["text", {}, {"registration": REGISTRATION}, {"registration": {}, "purpose": "account-opening"}]
)
def test_an_entry_of_our_format_that_is_no_registration_is_malformed(data: JsonValue) -> None:
    entry = VerifierInfo.read({"format": ENTRY.format, "data": data})
    with pytest.raises(Malformed):
        find_registration([entry])


@pytest.mark.parametrize(
    "grant",
    [
        replace(GRANT, role=Role.ISSUER),
        replace(GRANT, participant=DidEthr.parse("did:ethr:0x1:0x" + "cd" * 20).address),
        replace(GRANT, evidence_hash=bytes(32)),
        replace(GRANT, suspended=True),
        replace(GRANT, valid_until=NOW),
        replace(GRANT, withdrawn_from=NOW),
    ],
)
def test_without_a_grant_in_force_for_this_document_the_verifier_is_not_accredited(grant: Grant) -> None:
    with pytest.raises(Rejected) as caught:
        require_registered(find_registration([ENTRY]), verifier=DID, grants=[grant], at=NOW)
    assert caught.value.reason is Reason.VERIFIER_NOT_ACCREDITED


def test_another_verifier_cannot_use_the_registration() -> None:
    other = DidEthr(DID.chain_id + 1, DID.address)
    with pytest.raises(Rejected) as caught:
        require_registered(find_registration([ENTRY]), verifier=other, grants=[GRANT], at=NOW)
    assert caught.value.reason is Reason.VERIFIER_NOT_ACCREDITED


def test_a_purpose_that_was_not_registered_is_refused() -> None:
    claimed = find_registration([registration_entry(REGISTRATION, purpose="marketing")])
    with pytest.raises(Rejected, match="purposes") as caught:
        require_registered(claimed, verifier=DID, grants=[GRANT], at=NOW)
    assert caught.value.reason is Reason.REQUEST_INVALID
