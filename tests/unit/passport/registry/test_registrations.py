import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from passport.errors import Malformed, Reason, Rejected
from passport.identifiers import Address, DidEthr
from passport.registry import (
    Grant,
    IssuerRegistration,
    Role,
    VerifierRegistration,
    evidence_hash,
    require_registered_issuer,
)

Document = dict[str, object]
DID = "did:ethr:0x7a69:0x" + "ab" * 20


def words(text: str) -> dict[str, str]:
    return {"en": text, "zh-TW": "中文"}


def verifier() -> Document:
    return {
        "did": DID,
        "legal_name": words("Bank X N.V."),
        "lei": "5493001KJTIIGC8Y1R12",
        "country": "NL",
        "contact": "privacy@bank-x.example",
        "purposes": [{"id": "account-opening", "words": words("to open an account")}],
        "data_categories": [{"id": "identity", "words": words("name and birth date")}],
        "retention_days": 1825,
        "retention": words("five years after the account closes"),
        "recipients": words("nobody else"),
        "rights": words("access, correction, erasure"),
        "if_refused": words("the account cannot be opened online"),
        "asks_hub": True,
        "hub": "did:ethr:0x7a69:0x" + "cd" * 20,
    }


def issuer() -> Document:
    return {
        "did": DID,
        "legal_name": words("Formosa Bank"),
        "lei": "5493001KJTIIGC8Y1R12",
        "bic": "FORMTWTP",
        "bank_code": "822",
        "country": "TW",
        "licence": "FSC 0822",
        "contact": "+886 2 0000 0000",
        "base_url": "http://127.0.0.1:8001",
    }


def test_a_verifier_registration_reads_back_and_knows_its_purposes() -> None:
    read = VerifierRegistration.read(verifier())  # type: ignore[arg-type]
    assert read.to_object() == verifier()
    found = read.purpose("account-opening")
    assert found is not None
    assert found.words.zh_tw == "中文"
    assert read.purpose("marketing") is None


def test_the_evidence_hash_covers_members_that_nobody_here_knows() -> None:
    document = verifier() | {"supervisor": "DNB"}
    written = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert evidence_hash(document) == hashlib.sha256(written).digest()  # type: ignore[arg-type]
    assert evidence_hash(document) != evidence_hash(verifier())  # type: ignore[arg-type]


def test_a_message_and_its_object_have_one_evidence_hash() -> None:
    read = IssuerRegistration.read(issuer())  # type: ignore[arg-type]
    assert evidence_hash(read) == evidence_hash(issuer())  # type: ignore[arg-type]


def _set(name: str, value: object) -> Callable[[Document], Document]:
    return lambda document: document | {name: value}


@pytest.mark.parametrize(
    "spoil",
    [
        _set("did", "did:web:bank.example"),
        _set("lei", "5493001KJTIIGC8Y1R13"),
        _set("country", "nl"),
        _set("purposes", []),
        _set("purposes", [{"id": "p", "words": words("x")}] * 2),
        _set("retention_days", -1),
        _set("asks_hub", False),
        _set("legal_name", {"en": "only English"}),
    ],
)
def test_a_verifier_registration_with_one_part_spoiled_is_malformed(
    spoil: Callable[[Document], Document],
) -> None:
    with pytest.raises(Malformed):
        VerifierRegistration.read(spoil(verifier()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "spoil",
    [
        _set("bic", "FORM"),
        _set("base_url", "http://127.0.0.1:8001/"),
        _set("base_url", "ftp://a"),
        _set("lei", ""),
    ],
)
def test_an_issuer_registration_with_one_part_spoiled_is_malformed(
    spoil: Callable[[Document], Document],
) -> None:
    with pytest.raises(Malformed):
        IssuerRegistration.read(spoil(issuer()))  # type: ignore[arg-type]


NOW = datetime(2026, 6, 1, tzinfo=UTC)


def grant(**changes: object) -> Grant:
    held = Grant(
        number=1,
        participant=DidEthr.parse(DID).address,
        role=Role.ISSUER,
        schema=bytes(32),
        valid_from=NOW - timedelta(days=1),
        valid_until=NOW + timedelta(days=1),
        evidence_hash=evidence_hash(issuer()),  # type: ignore[arg-type]
    )
    return replace(held, **changes)  # type: ignore[arg-type]


def test_registration_counts_where_a_grant_in_force_vouches_for_it() -> None:
    other = grant(evidence_hash=bytes(32))
    found = require_registered_issuer(
        issuer(),  # type: ignore[arg-type]
        issuer=DidEthr.parse(DID),
        grants=(other, grant()),
        at=NOW,
    )
    assert found.legal_name.en == "Formosa Bank"


@pytest.mark.parametrize(
    "change",
    [
        {"role": Role.VERIFIER},
        {"participant": Address("0x" + "cd" * 20)},
        {"evidence_hash": bytes(32)},
        {"suspended": True},
        {"valid_until": NOW},
        {"withdrawn_from": NOW},
    ],
    ids=lambda change: next(iter(change)),
)
def test_registration_without_such_a_grant_does_not_count(change: dict[str, object]) -> None:
    with pytest.raises(Rejected) as caught:
        require_registered_issuer(
            issuer(),  # type: ignore[arg-type]
            issuer=DidEthr.parse(DID),
            grants=(grant(**change),),
            at=NOW,
        )
    assert caught.value.reason is Reason.ISSUER_NOT_ACCREDITED


def test_registration_of_another_bank_does_not_count() -> None:
    other = DidEthr.parse("did:ethr:0x7a69:0x" + "cd" * 20)
    with pytest.raises(Rejected) as caught:
        require_registered_issuer(issuer(), issuer=other, grants=(grant(),), at=NOW)  # type: ignore[arg-type]
    assert caught.value.reason is Reason.ISSUER_NOT_ACCREDITED
