"""The VCDM 1.1 form, and that didkit signs it, accepts it and refuses it when spoiled.

didkit runs in a process of its own that ends with ``os._exit``: it may crash at interpreter exit (design section 7).
"""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest

from passport.claims import (
    Account,
    AccountScheme,
    Equivalent,
    FundsKind,
    HolderParty,
    IssuerParty,
    Money,
    Ownership,
    ProofOfFunds,
    Thresholds,
)
from passport.credential import AnchorTerms, OpenClaims, StatusReference
from passport.did import DidKey, KeyKind
from passport.errors import Malformed, Reason, Rejected
from passport.identifiers import PASSPORT_IDENTITY, PROOF_OF_FUNDS, Address, Bic, Country, Lei
from passport.jose import PrivateKeySigner
from passport.strict_json import JsonObject, JsonValue, dumps, get_object
from passport.vcdm import document_hash, proof_of_funds_vc11, read_vc11, unsecured

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
HOLDER: Final = PrivateKeySigner.from_secret(5).public_jwk
ISSUER: Final = DidKey(KeyKind.ED25519, b"\x07" * 32)
OPEN: Final = OpenClaims(
    issuer="http://127.0.0.1:8001",
    issued_at=NOW,
    expires_at=NOW + timedelta(days=90),
    vct=PROOF_OF_FUNDS,
    holder_key=HOLDER,
    status=StatusReference("http://127.0.0.1:8001/status/1", 77),
    anchor=AnchorTerms(31337, Address("0x" + "ab" * 20), b"\x01" * 32, NOW + timedelta(seconds=60)),
)
FUNDS: Final = ProofOfFunds(
    kind=FundsKind.POINT_IN_TIME,
    as_of=NOW,
    issuer=IssuerParty(
        "Formosa Bank",
        "寶島銀行",
        Lei("5493001KJTIIGC8Y1R12"),
        Bic("FORMTWTP"),
        "822",
        Country("TW"),
        "FSC 0822",
        "+886 2 0000 0000",
    ),
    holder=HolderParty("LIN MEI-HUA", date(1990, 3, 5), Country("TW"), date(2012, 9, 1), "林美華"),
    accounts=(
        Account(
            AccountScheme.TW,
            "********5678",
            "savings",
            "TWD",
            Ownership.SOLE,
            date(2012, 9, 1),
            Money("TWD", 250_000_000),
            Money("TWD", 250_000_000),
        ),
    ),
    totals=(Money("TWD", 250_000_000),),
    equivalent=Equivalent(Money("USD", 7_812_500), (("TWD", "0.03125"),), "CBC closing", NOW),
    thresholds=Thresholds.met_by(
        total_usd_minor=7_812_500, min28d_usd_minor=None, oldest_opened_on=date(2012, 9, 1), as_of=NOW.date()
    ),
)


def document(issuer: DidKey = ISSUER, open_claims: OpenClaims = OPEN) -> JsonObject:
    return proof_of_funds_vc11(
        FUNDS,
        open_claims=open_claims,
        issuer=issuer,
        credential_id="urn:uuid:7f9c3d1e-0000-4000-8000-000000000001",
    )


def signed(**members: JsonValue) -> dict[str, JsonValue]:
    proof: JsonObject = {
        "type": "Ed25519Signature2018",
        "proofPurpose": "assertionMethod",
        "verificationMethod": ISSUER.verification_method,
        "jws": "…",
    }
    return {**document(), "proof": proof, **members}


def test_the_form_reads_back_what_was_issued() -> None:
    read = read_vc11(signed())
    assert read.unverified_open_claims == OPEN
    assert read.claimed_issuer == ISSUER
    assert read.unverified_funds.thresholds.met("total", "usd_50000")
    assert not read.unverified_funds.thresholds.met("total", "usd_100000")
    assert read.unverified_funds.holder.name_chinese == "林美華"
    assert read.unverified_funds.issuer.officer is None
    assert len(read.unverified_funds.accounts) == 1
    assert read.credential_hash == document_hash(document())


def test_the_hash_is_over_the_document_without_its_proof_whatever_the_order_of_members() -> None:
    turned = dict(reversed(signed().items()))
    assert document_hash(turned) == document_hash(document())
    assert unsecured(signed()) == document()


def subject(**members: JsonValue) -> dict[str, JsonValue]:
    return {"credentialSubject": {**get_object(document(), "credentialSubject"), **members}}


def proof(**members: JsonValue) -> dict[str, JsonValue]:
    return {"proof": {**get_object(signed(), "proof"), **members}}


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"@context": ["https://www.w3.org/2018/credentials/v1"]}, Reason.SCHEMA_INVALID),
        ({"credentialStatus": {"id": "x"}}, Reason.SCHEMA_INVALID),
        ({"type": ["FinancialProofOfFunds", "VerifiableCredential"]}, Reason.SCHEMA_INVALID),
        ({"issuanceDate": "2026-06-01T00:00:01Z"}, Reason.SCHEMA_INVALID),
        ({"expirationDate": "2027-06-01T00:00:00Z"}, Reason.SCHEMA_INVALID),
        (subject(id=str(ISSUER)), Reason.SCHEMA_INVALID),
        (
            subject(copy=OpenClaims.read({**OPEN.to_claims(), "vct": PASSPORT_IDENTITY}).to_claims()),
            Reason.SCHEMA_INVALID,
        ),
        ({"issuer": str(DidKey.from_jwk(HOLDER))}, Reason.KEY_UNKNOWN),
        (proof(verificationMethod="did:key:z6Mk#z6Mk"), Reason.KEY_UNKNOWN),
        (proof(type="DataIntegrityProof"), Reason.ALGORITHM_NOT_ALLOWED),
        (proof(proofPurpose="authentication"), Reason.ALGORITHM_NOT_ALLOWED),
    ],
)
def test_a_credential_with_one_part_spoiled_is_refused(members: dict[str, JsonValue], reason: Reason) -> None:
    with pytest.raises(Rejected) as caught:
        read_vc11(signed(**members))
    assert caught.value.reason is reason


@pytest.mark.parametrize(
    "members",
    [{"issuer": "did:web:x"}, {"proof": []}, subject(proof_of_funds="x"), subject(copy={})],
)
def test_a_credential_with_an_unreadable_part_is_malformed(members: dict[str, JsonValue]) -> None:
    with pytest.raises(Malformed):
        read_vc11(signed(**members))


WORKER: Final = """
import asyncio, didkit, json, os, sys

async def main():
    document = json.load(sys.stdin)
    key = didkit.generate_ed25519_key()
    method = await didkit.key_to_verification_method("key", key)
    document["issuer"] = didkit.key_to_did("key", key)
    options = json.dumps({"verificationMethod": method, "proofPurpose": "assertionMethod"})
    signed = json.loads(await didkit.issue_credential(json.dumps(document), options, key))
    async def errors(candidate):
        return json.loads(await didkit.verify_credential(json.dumps(candidate), "{}"))["errors"]
    changed = json.loads(json.dumps(signed))
    changed["credentialSubject"]["proof_of_funds"]["thresholds"]["total"]["usd_1000000"] = True
    unknown = json.loads(json.dumps(signed))
    unknown["credentialSubject"]["unknown"] = "x"
    print(json.dumps({"signed": signed, "good": await errors(signed), "changed": await errors(changed),
                      "unknown": await errors(unknown)}))

asyncio.run(main())
sys.stdout.flush()
os._exit(0)
"""


def test_didkit_signs_the_form_accepts_it_and_refuses_a_changed_one() -> None:
    done = subprocess.run(  # noqa: S603 - our own script, by our own interpreter
        [sys.executable, "-c", WORKER], input=dumps(document()), capture_output=True, check=True, timeout=60
    )
    answer = json.loads(done.stdout)
    assert answer["good"] == []
    assert answer["changed"]
    assert answer["unknown"]
    read = read_vc11(answer["signed"])
    assert read.unverified_funds.thresholds.met("total", "usd_50000")
    assert str(read.claimed_issuer) == answer["signed"]["issuer"]
    assert read.credential_hash == document_hash({**document(), "issuer": answer["signed"]["issuer"]})
