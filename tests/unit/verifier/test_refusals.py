"""Every way in which an answer is refused: start valid, spoil one thing, expect the reason code."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pytest

from passport.clock import to_epoch
from passport.disclosable import Disclosable
from passport.identifiers import PASSPORT_IDENTITY, PROOF_OF_FUNDS
from passport.jose import b64u_encode
from passport.keys import TokenType, sign_token
from passport.openid4vp import ResponseMode
from passport.registry import ParticipantKey
from service.database import Database
from tests.simulators.verifier_desk import Desk, Opened, policies_without_hub
from tests.simulators.verifier_world import (
    ANCHOR,
    FUNDS_PATHS,
    IDENTITY_PATHS,
    START,
    BankInMemory,
    Consortium,
    new_did,
    new_signer,
)
from verifier.policies.model import JointRule
from verifier.policies.reader import KnownPolicy


async def expect_refused_at_once(opened: Opened, body: bytes, reason: str) -> None:
    answer = await opened.post(body)
    assert (answer.status_code, answer.json()["error"]) == (400, reason)
    result = await opened.result(wait=0)
    assert (result["status"], result["reasons"]) == ("refused", [reason])
    assert "disclosed" not in result


async def expect_refused_later(opened: Opened, body: bytes, reason: str, step: str) -> None:
    answer = await opened.post(body)
    assert (answer.status_code, answer.json()) == (200, {})
    result = await opened.result()
    assert (result["status"], result["reasons"]) == ("refused", [reason])
    last: Any = result["steps"][-1]  # type: ignore[index]
    assert (last["step"], last["answer"]) == (step, "refused")
    assert "disclosed" not in result


@pytest.mark.parametrize(
    ("spoiled", "reason"),
    [
        ({"nonce": "n" * 43}, "nonce_mismatch"),
        ({"state": "another"}, "nonce_mismatch"),
        ({"aud": "x509_hash:" + "A" * 43}, "audience_mismatch"),
        ({"aud": "https://bank-x.example"}, "audience_mismatch"),
        ({"age": timedelta(minutes=6)}, "holder_binding_stale"),
        ({"age": timedelta(minutes=-2)}, "not_yet_valid"),
    ],
)
async def test_binding_to_this_transaction(desk: Desk, spoiled: dict[str, Any], reason: str) -> None:
    opened = await desk.open()
    await expect_refused_at_once(opened, await opened.body(**spoiled), reason)


async def test_clocks_may_differ_by_ninety_seconds(desk: Desk) -> None:
    opened = await desk.open()
    assert (await opened.answer(age=timedelta(seconds=90))).status_code == 200


async def test_somebody_elses_credential(desk: Desk) -> None:
    thief = new_signer()
    opened = await desk.open()
    request = await opened.request()
    theirs = desk.bank.proof_of_funds(desk.holder.signer)
    shown = desk.holder.show(theirs, FUNDS_PATHS, nonce=request.nonce, aud=request.client_id)
    with_issuer_part, _, _ = shown.rpartition("~")
    own = desk.bank.proof_of_funds(thief)
    forged = desk.holder.show(own, FUNDS_PATHS, nonce=request.nonce, aud=request.client_id, signer=thief)
    stolen = f"{with_issuer_part}~{forged.rpartition('~')[2]}"
    body = await opened.body(vp={"proof_of_funds": (stolen,)})
    await expect_refused_at_once(opened, body, "holder_binding_invalid")


async def test_presentation_without_key_binding(desk: Desk) -> None:
    opened = await desk.open()
    bare = desk.bank.proof_of_funds(desk.holder.signer)
    body = await opened.body(vp={"proof_of_funds": (bare,)})
    await expect_refused_at_once(opened, body, "holder_binding_invalid")


async def test_disclosure_altered(desk: Desk) -> None:
    """A lying wallet signs over its own disclosure; no digest of the issuer's covers it."""
    opened = await desk.open()
    credential = desk.bank.identity(desk.holder.signer)
    issuer_jwt, *disclosures, _ = credential.split("~")
    altered = b64u_encode(b'["c2FsdHNhbHRzYWx0c2FsdA","birth_date","1970-01-01"]')
    shown = await lie(desk, opened, "~".join([issuer_jwt, disclosures[0], altered, ""]))
    body = await opened.body(vp={"identity": (shown,)})
    await expect_refused_at_once(opened, body, "disclosure_not_signed")


async def lie(desk: Desk, opened: Opened, bound_text: str) -> str:
    """A KB-JWT over any text, as only a wallet of one's own making writes it."""
    request = await opened.request()
    claims: dict[str, str | int] = {
        "nonce": request.nonce,
        "aud": request.client_id,
        "iat": to_epoch(desk.clock.now()),
        "sd_hash": b64u_encode(hashlib.sha256(bound_text.encode()).digest()),
    }
    return bound_text + sign_token(kind=TokenType.KEY_BINDING, payload=claims, signer=desk.holder.signer)


async def test_lying_wallet_below_the_threshold(desk: Desk) -> None:
    opened = await desk.open()
    credentials = {
        **desk.credentials(),
        "proof_of_funds": (
            desk.bank.proof_of_funds(desk.holder.signer, rungs=["usd_10000"]),
            (*FUNDS_PATHS[:3], FUNDS_PATHS[4]),
        ),
    }
    body = await opened.body(credentials)
    await expect_refused_later(opened, body, "threshold_not_met", "policy")


async def test_money_that_came_two_days_ago_is_not_enough_for_28_days(desk: Desk) -> None:
    opened = await desk.open()
    credentials = {
        **desk.credentials(),
        "proof_of_funds": (desk.bank.proof_of_funds(desk.holder.signer, rungs28d=()), FUNDS_PATHS[:4]),
    }
    await expect_refused_later(opened, await opened.body(credentials), "threshold_not_met", "policy")


async def test_joint_account_goes_to_a_person(desk: Desk) -> None:
    opened = await desk.open()
    assert (await opened.answer(desk.credentials(any_joint=True))).status_code == 200
    result = await opened.result()
    assert (result["status"], result["reasons"]) == ("review", ["joint_account"])


@pytest.mark.parametrize("said", ["false", None, 0])
async def test_whether_an_account_is_joint_is_said_plainly_or_not_believed(desk: Desk, said: Any) -> None:
    opened = await desk.open()
    body = await opened.body(desk.credentials(any_joint=said))
    await expect_refused_later(opened, body, "schema_invalid", "policy")


async def test_policy_may_refuse_joint_accounts(database: Database) -> None:
    known = policies_without_hub()["account-opening"]
    funds = known.policy.rules.funds.model_copy(update={"joint_accounts": JointRule.REFUSE})
    rules = known.policy.rules.model_copy(update={"funds": funds})
    strict = KnownPolicy(known.policy.model_copy(update={"rules": rules}), known.sha256)
    desk = Desk(database, parts={"policies": {"account-opening": strict}})
    opened = await desk.open()
    body = await opened.body(desk.credentials(any_joint=True))
    await expect_refused_later(opened, body, "joint_account_not_allowed", "policy")


async def test_claim_that_was_asked_for_is_missing(desk: Desk) -> None:
    opened = await desk.open()
    credentials = {
        **desk.credentials(),
        "identity": (desk.bank.identity(desk.holder.signer), IDENTITY_PATHS[:3]),
    }
    await expect_refused_later(opened, await opened.body(credentials), "claim_missing", "policy")


async def test_who_shows_less_than_was_asked_is_told_so_and_not_that_the_money_is_too_little(
    desk: Desk,
) -> None:
    """A wallet of an older policy's making leaves out thresholds, which may not exist, and a claim that always does."""
    opened = await desk.open()
    hidden = [
        path for path in FUNDS_PATHS if path not in {("any_joint",), ("thresholds", "min28d", "usd_50000")}
    ]
    assert len(hidden) == len(FUNDS_PATHS) - 2
    credentials = {
        **desk.credentials(),
        "proof_of_funds": (desk.bank.proof_of_funds(desk.holder.signer), hidden),
    }
    await expect_refused_later(opened, await opened.body(credentials), "claim_missing", "policy")


async def test_claim_that_nobody_asked_for(desk: Desk) -> None:
    opened = await desk.open()
    credentials = {
        **desk.credentials(),
        "identity": (desk.bank.identity(desk.holder.signer), (*IDENTITY_PATHS, ("name_chinese",))),
    }
    await expect_refused_at_once(opened, await opened.body(credentials), "claim_not_requested")


async def test_credential_missing(desk: Desk) -> None:
    opened = await desk.open()
    credentials = {"identity": desk.credentials()["identity"]}
    await expect_refused_at_once(opened, await opened.body(credentials), "credential_missing")


@pytest.mark.parametrize(
    ("age", "status"), [(timedelta(days=7), "verified"), (timedelta(days=7, seconds=1), "refused")]
)
async def test_figures_may_be_seven_days_old(desk: Desk, age: timedelta, status: str) -> None:
    opened = await desk.open()
    await opened.answer(desk.credentials(as_of=START - age))
    result = await opened.result()
    assert result["status"] == status
    assert result["reasons"] == ([] if status == "verified" else ["as_of_too_old"])


@pytest.mark.parametrize(
    "as_of", [START + timedelta(hours=1), "last Friday", START.replace(tzinfo=None).isoformat()]
)
async def test_figures_of_the_future_or_of_no_time(desk: Desk, as_of: datetime | str) -> None:
    opened = await desk.open()
    body = await opened.body(desk.credentials(as_of=as_of))
    await expect_refused_later(opened, body, "schema_invalid", "policy")


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"document": Disclosable({"expiry": Disclosable("2026-11-19")})}, "document_expired"),
        ({"birth_date": Disclosable("2008-11-21")}, "holder_under_age"),
        ({"birth_date": Disclosable("5 May 1990")}, "schema_invalid"),
        ({"name_latin": Disclosable(7)}, "schema_invalid"),
    ],
)
async def test_identity_rules(desk: Desk, claims: dict[str, Any], reason: str) -> None:
    opened = await desk.open()
    credentials = {
        **desk.credentials(),
        "identity": (desk.bank.identity(desk.holder.signer, **claims), IDENTITY_PATHS),
    }
    await expect_refused_later(opened, await opened.body(credentials), reason, "policy")


async def test_of_age_on_the_birthday(desk: Desk) -> None:
    opened = await desk.open()
    identity = desk.bank.identity(
        desk.holder.signer,
        birth_date=Disclosable("2008-11-20"),
        document=Disclosable({"expiry": Disclosable("2026-11-20")}),
    )
    await opened.answer({**desk.credentials(), "identity": (identity, IDENTITY_PATHS)})
    assert (await opened.result())["status"] == "verified"


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("Lin Yu Chen", []),
        ("LIN,YU CHEN", []),
        ("\uff2c\uff29\uff2e, YU-CHEN", []),
        ("YU-CHEN LIN", ["names_differ"]),
        ("LIN, YU-CHENG", ["names_differ"]),
    ],
)
async def test_names_of_both_credentials(desk: Desk, name: str, reasons: list[str]) -> None:
    opened = await desk.open()
    await opened.answer(desk.credentials(name=name))
    result = await opened.result()
    assert (result["status"], result["reasons"]) == ("review" if reasons else "verified", reasons)


async def test_name_that_the_applicant_gave(desk: Desk) -> None:
    opened = await desk.open(applicant_name="WANG, DA-MING")
    await opened.answer()
    result = await opened.result()
    assert (result["status"], result["reasons"]) == ("review", ["names_differ"])


async def test_one_account_proven_by_two_credentials_counts_once(desk: Desk) -> None:
    opened = await desk.open()
    hub, handle = new_did(), b64u_encode(bytes(16))
    identity = desk.bank.identity(desk.holder.signer, fraud={"hub": str(hub), "handle": handle})
    credentials = {**desk.credentials(hub=hub, handle=handle), "identity": (identity, IDENTITY_PATHS)}
    await expect_refused_later(opened, await opened.body(credentials), "account_counted_twice", "policy")


async def test_credentials_bound_to_two_keys_go_to_a_person(desk: Desk) -> None:
    opened = await desk.open()
    request = await opened.request()
    other = new_signer()
    identity = desk.bank.identity(other)
    shown = desk.holder.show(
        identity, IDENTITY_PATHS, nonce=request.nonce, aud=request.client_id, signer=other
    )
    await opened.answer(vp={"identity": (shown,)})
    result = await opened.result()
    assert (result["status"], result["reasons"]) == ("review", ["same_person_unclear"])


async def test_expired_credential(desk: Desk) -> None:
    opened = await desk.open()
    credentials = desk.credentials(exp=to_epoch(START) + 60)
    desk.clock.advance(timedelta(seconds=60))
    await expect_refused_at_once(opened, await opened.body(credentials), "expired")


async def test_issuer_never_accredited(desk: Desk) -> None:
    stranger = BankInMemory(desk.clock, desk.ledger, desk.consortium, base_url="https://nobody.example")
    opened = await desk.open()
    credentials = {
        **desk.credentials(),
        "proof_of_funds": (stranger.proof_of_funds(desk.holder.signer), FUNDS_PATHS),
    }
    await expect_refused_at_once(opened, await opened.body(credentials), "issuer_not_accredited")


async def test_issuer_never_accredited_under_a_root_of_its_own(desk: Desk) -> None:
    stranger = BankInMemory(desk.clock, desk.ledger, Consortium.new("Nobody"))
    opened = await desk.open()
    credentials = {
        **desk.credentials(),
        "proof_of_funds": (stranger.proof_of_funds(desk.holder.signer), FUNDS_PATHS),
    }
    await expect_refused_at_once(opened, await opened.body(credentials), "issuer_not_accredited")


async def test_certificate_that_names_bank_a_under_another_root(desk: Desk) -> None:
    impostor = BankInMemory(desk.clock, desk.ledger, Consortium.new("Nobody"), did=desk.bank.did)
    opened = await desk.open()
    credentials = {
        **desk.credentials(),
        "proof_of_funds": (impostor.proof_of_funds(desk.holder.signer), FUNDS_PATHS),
    }
    await expect_refused_at_once(opened, await opened.body(credentials), "certificate_not_trusted")


async def test_root_that_the_ledger_no_longer_trusts(desk: Desk) -> None:
    desk.ledger.roots.clear()
    opened = await desk.open()
    await expect_refused_at_once(opened, await opened.body(), "certificate_not_trusted")


async def test_issuer_accredited_for_another_type(desk: Desk) -> None:
    other = BankInMemory(desk.clock, desk.ledger, desk.consortium, base_url="https://bank-b.example")
    other.join([PASSPORT_IDENTITY])
    opened = await desk.open()
    credentials = {
        **desk.credentials(),
        "proof_of_funds": (other.proof_of_funds(desk.holder.signer), FUNDS_PATHS),
    }
    await expect_refused_later(opened, await opened.body(credentials), "issuer_not_accredited", "standing")


async def test_issuer_suspended(desk: Desk) -> None:
    desk.ledger.change_grants(desk.bank.did.address, suspended=True)
    opened = await desk.open()
    await expect_refused_later(opened, await opened.body(), "issuer_suspended", "standing")


async def test_issuer_withdrawn_before_the_anchor(desk: Desk) -> None:
    desk.ledger.change_grants(desk.bank.did.address, withdrawn_from=START)
    opened = await desk.open()
    await expect_refused_later(opened, await opened.body(), "issuer_not_accredited", "standing")


async def test_key_that_the_registry_never_had(desk: Desk) -> None:
    desk.ledger.keys.clear()
    opened = await desk.open()
    await expect_refused_later(opened, await opened.body(), "issuer_key_unknown", "standing")


async def test_stolen_key(desk: Desk) -> None:
    thumbprint = desk.bank.signer.public_jwk.thumbprint()
    desk.ledger.keys[desk.bank.did.address, thumbprint] = ParticipantKey(
        thumbprint, START - timedelta(days=30), stolen_since=START - timedelta(hours=1)
    )
    opened = await desk.open()
    await expect_refused_later(opened, await opened.body(), "issuer_key_stolen", "standing")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://bank-b.example"},
        {"iss": "https://bank-a.example/that-no-certificate-names"},
        {"status": {"status_list": {"idx": 0, "uri": "https://elsewhere.example/status/1"}}},
    ],
)
async def test_address_that_is_not_the_issuers(desk: Desk, claims: dict[str, Any]) -> None:
    opened = await desk.open()
    await expect_refused_at_once(opened, await opened.body(desk.credentials(**claims)), "issuer_mismatch")


async def test_endpoint_on_the_ledger_moved_elsewhere(desk: Desk) -> None:
    desk.ledger.endpoints[desk.bank.did.address, "OpenID4VCI"] = "https://bank-a.example:8443"
    opened = await desk.open()
    await expect_refused_at_once(opened, await opened.body(), "issuer_mismatch")


async def test_certificate_without_a_did(desk: Desk) -> None:
    desk.bank.leaf = desk.consortium.certify(desk.bank.signer, [desk.bank.base_url])
    opened = await desk.open()
    await expect_refused_at_once(opened, await opened.body(), "certificate_invalid")


async def test_certificate_that_spells_the_did_with_a_checksum(desk: Desk) -> None:
    """The address of a did:ethr may be in any case of letters (EIP-55): it is the same participant."""
    spelled = "did:ethr:0x7A69:0x" + desk.bank.did.address.value[2:].upper()
    desk.bank.leaf = desk.consortium.certify(desk.bank.signer, [desk.bank.base_url, spelled])
    opened = await desk.open()
    assert (await opened.answer()).status_code == 200
    assert (await opened.result())["status"] == "verified"


@pytest.mark.parametrize("leaf", [b"", b"\x30\x82\x01", b"garbage" * 40])
async def test_certificate_that_cannot_be_read(desk: Desk, leaf: bytes) -> None:
    desk.bank.leaf = leaf
    opened = await desk.open()
    await expect_refused_at_once(opened, await opened.body(), "malformed")


async def test_certificate_whose_parts_cannot_be_read(desk: Desk) -> None:
    """Its version is one that no library knows: found out only when the whole is read, and a refusal all the same."""
    version = desk.bank.leaf.index(bytes.fromhex("a003020102")) + 4
    desk.bank.leaf = desk.bank.leaf[:version] + b"\x09" + desk.bank.leaf[version + 1 :]
    opened = await desk.open()
    await expect_refused_at_once(opened, await opened.body(), "malformed")


async def test_certificate_that_may_no_longer_sign(desk: Desk) -> None:
    """A leaf signs for 90 days and lives 200: what it signs later is not the bank's."""
    desk.clock.advance(timedelta(days=61))
    opened = await desk.open()
    await expect_refused_at_once(opened, await opened.body(), "certificate_invalid")


async def test_did_of_another_chain(desk: Desk) -> None:
    foreign = str(new_did()).replace("0x7a69", "0x1")
    desk.bank.leaf = desk.consortium.certify(desk.bank.signer, [desk.bank.base_url, foreign])
    opened = await desk.open()
    await expect_refused_at_once(opened, await opened.body(), "wrong_chain")


async def test_credential_of_another_type(desk: Desk) -> None:
    opened = await desk.open()
    credentials = {
        **desk.credentials(),
        "identity": (
            desk.bank.sign(PROOF_OF_FUNDS, {"name_latin": Disclosable("LIN")}, desk.holder.signer),
            (("name_latin",),),
        ),
    }
    await expect_refused_at_once(opened, await opened.body(credentials), "credential_not_requested")


async def test_nonsense_in_place_of_a_credential(desk: Desk) -> None:
    opened = await desk.open()
    body = await opened.body(vp={"identity": ("nonsense",)})
    await expect_refused_at_once(opened, body, "malformed")


async def test_chain_down_is_could_not_tell(desk: Desk) -> None:
    opened = await desk.open()
    body = await opened.body()
    desk.ledger.go_down()
    assert (await opened.post(body)).status_code == 200
    result = await opened.result()
    assert (result["status"], result["reasons"]) == ("review", ["ledger_unavailable"])


async def test_refusal_beats_could_not_tell(desk: Desk) -> None:
    opened = await desk.open()
    body = await opened.body(desk.credentials(as_of=START - timedelta(days=8)))
    desk.ledger.go_down()
    await opened.post(body)
    result = await opened.result()
    assert (result["status"], result["reasons"]) == ("refused", ["ledger_unavailable", "as_of_too_old"])


async def test_ledger_never_seen_spends_nothing(desk: Desk) -> None:
    opened = await desk.open()
    body = await opened.body()
    desk.ledger.seen = False
    answer = await opened.post(body, anchored=False)
    assert (answer.status_code, answer.json()["error"]) == (503, "ledger_unavailable")
    desk.ledger.seen = True
    assert (await opened.post(body)).status_code == 200


async def test_encrypted_answer_to_another_transaction(desk: Desk) -> None:
    first, second = (
        await desk.open(ResponseMode.DIRECT_POST_JWT),
        await desk.open(ResponseMode.DIRECT_POST_JWT),
    )
    await expect_refused_at_once(second, await first.body(), "nonce_mismatch")
    assert (await first.result(wait=0))["status"] == "pending"


@pytest.mark.parametrize(("name", "part"), [("anchor", "due"), ("anchor", "salt"), ("fraud", "handle")])
async def test_part_of_an_open_claim_that_was_hidden(desk: Desk, name: str, part: str) -> None:
    """What decides whether a copy counts is open to everybody, the hub included, or the copy does not count."""
    opened = await desk.open()
    whole: dict[str, dict[str, Any]] = {
        "anchor": {**ANCHOR, "salt": "A" * 43, "due": to_epoch(START)},
        "fraud": {"hub": str(new_did()), "handle": "h" * 22},
    }
    spoiled: dict[str, Any] = {name: {**whole[name], part: Disclosable(whole[name][part])}}
    text = desk.bank.proof_of_funds(desk.holder.signer, **spoiled)
    credentials = {**desk.credentials(), "proof_of_funds": (text, (*FUNDS_PATHS, (name, part)))}
    await expect_refused_at_once(opened, await opened.body(credentials), "disclosure_invalid")
