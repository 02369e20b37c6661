"""The parts of the language fit: issue, match, ask, present, verify, check the answer, and prove the anchor."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest

from passport.anchor import AnchorProof, AnchorScope, LeafFile, Tree, leaf_hash, padded, verify_inclusion
from passport.claims import (
    AssuranceLevel,
    DocumentType,
    IdentityDocument,
    IssuerParty,
    PassportIdentity,
    ShownIdentity,
)
from passport.clock import to_epoch
from passport.credential import AnchorTerms, OpenClaims, StatusReference, claims_to_sign
from passport.errors import Reason, Rejected
from passport.identifiers import PASSPORT_IDENTITY, Address, Bic, Country, Lei
from passport.jose import PrivateKeySigner
from passport.openid4vp import (
    AuthorizationResponse,
    Candidate,
    DcqlQuery,
    Presented,
    check_answer,
    match,
    read_response,
    write_response,
)
from passport.registry import AnchorRecord, BlockRef, schema_id
from passport.sd_jwt import VerifiedPresentation, issue, parse, present, verify_issuer, verify_key_binding
from passport.strict_json import JsonObject

NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
BANK: Final = PrivateKeySigner.from_secret(3)
HOLDER: Final = PrivateKeySigner.from_secret(5)
ACCOUNT: Final = Address("0x" + "02" * 20)
CLIENT: Final = "x509_hash:" + "A" * 43
NONCE: Final = "n" * 22
IDENTITY: Final = PassportIdentity(
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
    name_latin="LIN MEI-HUA",
    name_chinese="林美華",
    birth_date=date(1990, 3, 5),
    nationality=Country("TW"),
    document=IdentityDocument(DocumentType.PASSPORT, Country("TW"), date(2031, 1, 2)),
    assurance_level=AssuranceLevel.HIGH,
)
OPEN: Final = OpenClaims(
    issuer="http://127.0.0.1:8001",
    issued_at=NOW,
    expires_at=NOW + timedelta(days=90),
    vct=PASSPORT_IDENTITY,
    holder_key=HOLDER.public_jwk,
    status=StatusReference("http://127.0.0.1:8001/status/1", 77),
    anchor=AnchorTerms(31337, Address("0x" + "01" * 20), b"\x01" * 32, NOW + timedelta(seconds=60)),
)
QUERY: Final = DcqlQuery.read(
    {
        "credentials": [
            {
                "id": "identity",
                "format": "dc+sd-jwt",
                "meta": {"vct_values": [PASSPORT_IDENTITY]},
                "claims": [{"path": ["name_latin"]}, {"path": ["document", "expiry"]}],
            }
        ]
    }
)


class CountingEntropy:
    def __init__(self) -> None:
        self._calls = 0

    def token(self, size: int) -> bytes:
        self._calls += 1
        return hashlib.shake_256(self._calls.to_bytes(8)).digest(size)


def credential() -> str:
    claims = claims_to_sign(OPEN, IDENTITY.to_sd_claims())
    return issue(claims=claims, signer=BANK, entropy=CountingEntropy()).text


def all_claims(text: str) -> JsonObject:
    return verify_issuer(parse(text), BANK.public_jwk).claims


def answer(*extra: tuple[str, ...]) -> AuthorizationResponse:
    """What an honest wallet sends, or one that shows ``extra`` as well."""
    text = credential()
    candidate = Candidate("mine", "dc+sd-jwt", PASSPORT_IDENTITY, all_claims(text))
    pick = match(QUERY, [candidate]).picks["identity"][0]
    shown = present(
        text,
        disclose=[*pick.places, *extra],
        holder_signer=HOLDER,
        nonce=NONCE,
        aud=CLIENT,
        iat=to_epoch(NOW),
    )
    return AuthorizationResponse(vp_token={"identity": (shown,)}, state="s")


def verified(response: AuthorizationResponse) -> VerifiedPresentation:
    received = read_response(write_response(response))
    assert isinstance(received, AuthorizationResponse)
    issued = verify_issuer(parse(received.vp_token["identity"][0]), BANK.public_jwk)
    return verify_key_binding(issued, nonce=NONCE, aud=CLIENT, now=NOW)


def presented(found: VerifiedPresentation) -> Presented:
    places = frozenset(tuple(part for part in path if part is not None) for path in found.disclosed)
    return Presented("dc+sd-jwt", str(found.claims["vct"]), found.claims, places)


def test_what_was_asked_for_arrives_and_nothing_else() -> None:
    found = verified(answer())
    check_answer(QUERY, {"identity": [presented(found)]}).require_complete()
    shown = ShownIdentity.read(found.claims)
    assert shown.name_latin == "LIN MEI-HUA"
    assert shown.document.expiry == date(2031, 1, 2)
    assert (shown.birth_date, shown.name_chinese, shown.document.type) == (None, None, None)
    assert OpenClaims.read(found.claims) == OPEN


def test_a_wallet_that_shows_more_is_found_out() -> None:
    found = verified(answer(("birth_date",)))
    with pytest.raises(Rejected) as caught:
        check_answer(QUERY, {"identity": [presented(found)]})
    assert caught.value.reason is Reason.CLAIM_NOT_REQUESTED


def test_the_anchor_of_what_was_presented_is_proven_by_the_leaf_file_and_by_the_wallet() -> None:
    found = verified(answer())
    terms = OpenClaims.read(found.claims).anchor
    scope = AnchorScope(terms.chain_id, terms.registry, ACCOUNT, schema_id(PASSPORT_IDENTITY))
    leaf = leaf_hash(scope, salt=terms.salt, credential_hash=found.credential_hash)
    tree = Tree(padded([leaf], 64, CountingEntropy()))
    block = BlockRef(7, bytes(32), NOW)
    record = AnchorRecord(ACCOUNT, scope.schema, 0, tree.root, tree.size, block)
    mirrored = LeafFile.parse(LeafFile(tree).to_bytes(), root=record.root, size=record.size)
    sent = AnchorProof.read(AnchorProof.of(record, mirrored.tree.proof_of(leaf)).to_object())
    verify_inclusion(leaf, sent.inclusion(), root=record.root, size=record.size)


def test_two_credentials_of_one_content_share_no_digest_and_no_salt() -> None:
    entropy = CountingEntropy()
    claims = claims_to_sign(OPEN, IDENTITY.to_sd_claims())
    one, other = (parse(issue(claims=claims, signer=BANK, entropy=entropy).text) for _ in range(2))
    assert not set(one.disclosures) & set(other.disclosures)
    assert one.issuer_jwt.unverified_payload != other.issuer_jwt.unverified_payload
