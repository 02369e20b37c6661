"""Policies as files, and a bank that speaks for another (threat T19)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import verifier.policies
from passport.claims import type_metadata
from passport.disclosable import Disclosable
from passport.errors import Misconfigured
from passport.identifiers import PASSPORT_IDENTITY, PROOF_OF_FUNDS
from passport.jose import b64u_encode
from passport.registry import IssuerRegistration, evidence_hash
from passport.x509 import authority_key_ids
from service.database import Database
from tests.simulators.verifier_desk import Desk, policies_without_hub
from tests.simulators.verifier_world import FUNDS_PATHS
from verifier.policies import FraudCheckRule, read_policies
from verifier.registrations import read_registrations

SHIPPED = Path(verifier.policies.__path__[0]) / "account-opening.json"
LEI_A, LEI_B = "529900T8BM49AURSDO55", "5493001KJTIIGC8Y1R12"


def write(folder: Path, name: str, spoil: Callable[[dict[str, Any]], object]) -> Path:
    policy = json.loads(SHIPPED.read_bytes())
    spoil(policy)
    (folder / f"{name}.json").write_text(json.dumps(policy))
    return folder


def test_shipped_policy_asks_for_what_the_design_says() -> None:
    known = read_policies()["account-opening"]
    asked = {
        (query.id, claim.path)
        for query in known.policy.dcql_query.credentials
        for claim in query.claims or ()
    }
    assert asked == {
        ("identity", ("name_latin",)),
        ("identity", ("birth_date",)),
        ("identity", ("nationality",)),
        ("identity", ("document", "expiry")),
        ("proof_of_funds", ("holder", "name_latin")),
        ("proof_of_funds", ("as_of",)),
        ("proof_of_funds", ("any_joint",)),
        ("proof_of_funds", ("thresholds", "total", "usd_50000")),
        ("proof_of_funds", ("thresholds", "min28d", "usd_50000")),
    }
    assert known.policy.rules.anchored
    assert known.policy.rules.fraud_check is FraudCheckRule.REQUIRED
    assert known.policy.rules.funds.as_of_max_age_days == 7
    assert len(known.sha256) == 32


@pytest.mark.parametrize(
    "spoil",
    [
        lambda policy: policy.pop("purpose"),
        lambda policy: policy["rules"]["funds"].update(query="nothing"),
        lambda policy: policy["dcql_query"]["credentials"][1]["claims"].pop(),
        lambda policy: policy["rules"].update(fraud_check="never"),
        lambda policy: policy["dcql_query"]["credentials"][1].update(multiple=True),
        lambda policy: policy["rules"]["funds"].update(as_of_max_age_days="7"),
        lambda policy: policy.update(name="another"),
    ],
)
def test_bad_policy_stops_the_start(tmp_path: Path, spoil: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(Misconfigured, match=r"account-opening\.json"):
        read_policies(write(tmp_path, "account-opening", spoil))


def query(policy: dict[str, Any], index: int) -> Any:
    return policy["dcql_query"]["credentials"][index]


def ask(index: int, *path: object, **more: object) -> Callable[[dict[str, Any]], object]:
    return lambda policy: query(policy, index)["claims"].append({"path": list(path), **more})


def by_sets(policy: dict[str, Any], *options: list[str], required: bool = True) -> None:
    policy["dcql_query"]["credential_sets"] = [{"options": list(options), "required": required}]


def by_claim_sets(policy: dict[str, Any], *left_out: int) -> None:
    claims = query(policy, 0)["claims"]
    for number, claim in enumerate(claims):
        claim["id"] = f"c{number}"
    ids = [claim["id"] for claim in claims]
    query(policy, 0)["claim_sets"] = [ids, [each for n, each in enumerate(ids) if n not in left_out]]


UNANSWERABLE: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "a claim that the type never has": (ask(0, "$.birth_date"), r"never has the claim \$\.birth_date"),
    "a claim of the other type": (ask(0, "as_of"), "never has the claim as_of"),
    "a path that is too short": (ask(0, "expiry"), "never has the claim expiry"),
    "a path that is too deep": (ask(0, "name_latin", "given"), "never has the claim name_latin.given"),
    "a null where there is no array": (ask(0, "name_latin", None), r"never has the claim name_latin.\*"),
    "an index where there is no array": (ask(1, "holder", 0), "never has the claim holder.0"),
    "a name where there is an array": (ask(1, "accounts", "balance"), "never has the claim accounts.balance"),
    "a threshold off the ladder": (
        ask(1, "thresholds", "total", "usd_60000"),
        "never has the claim thresholds.total.usd_60000",
    ),
    "the ages of accounts in dollars": (
        ask(1, "thresholds", "account_age", "usd_50000"),
        "never has the claim",
    ),
    "a type that nobody knows": (
        lambda p: query(p, 0)["meta"].update(vct_values=["urn:x"]),
        "a type that this program knows, got urn:x",
    ),
    "one type of two that never has it": (
        lambda p: query(p, 0)["meta"]["vct_values"].append("urn:financial-passport:account-ownership:1"),
        "account-ownership:1 never has the claim name_latin",
    ),
    "another format": (lambda p: query(p, 0).update(format="ldp_vc"), "expected the format dc"),
    "no holder binding": (
        lambda p: query(p, 0).update(require_cryptographic_holder_binding=False),
        "expected holder binding",
    ),
    "authorities of a type that is not checked here": (
        lambda p: query(p, 0).update(
            trusted_authorities=[{"type": "etsi_tl", "values": ["https://x.example"]}]
        ),
        "trusted_authorities of the type aki, got etsi_tl",
    ),
    "an authority that is no key identifier": (
        lambda p: query(p, 0).update(trusted_authorities=[{"type": "aki", "values": ["not base64url!"]}]),
        "key identifiers in base64url",
    ),
    "a claim twice": (ask(0, "name_latin"), "each path once"),
    "a threshold that is false": (
        lambda p: query(p, 1)["claims"][2].update(values=[False]),
        "never has the value False",
    ),
    "a threshold that is a number": (
        ask(1, "thresholds", "total", "usd_10000", values=[1]),
        "never has the value 1",
    ),
    "a value of an object": (ask(1, "accounts", None, "balance", values=["100"]), "never has the value"),
    "a value of an array": (ask(1, "accounts", values=["100"]), "never has the value"),
    "text that is true": (ask(0, "document", "type", values=[True]), "never has the value True"),
    "a document of no kind": (ask(0, "document", "type", values=["pass"]), "never has the value 'pass'"),
    "a day that no calendar has": (
        lambda p: query(p, 0)["claims"][1].update(values=["1990-02-30"]),
        "never has the value '1990-02-30'",
    ),
    "a day in another form": (
        lambda p: query(p, 0)["claims"][1].update(values=["19900201"]),
        "never has the value",
    ),
    "a rule for a claim that is not asked": (
        lambda p: p["rules"]["identity"].update(name=["name_chinese"]),
        "every claim that a rule needs",
    ),
    "a name that is a date": (
        lambda p: p["rules"]["identity"].update(name=["birth_date"]),
        "identity.name: expected a claim that holds a text",
    ),
    "a birthday that is a name": (
        lambda p: p["rules"]["identity"].update(birth_date=["name_latin"]),
        "identity.birth_date: expected a claim that holds a date",
    ),
    "a threshold that is none": (
        lambda p: p["rules"]["funds"].update(thresholds=[["as_of"]]),
        "funds.thresholds: expected a claim that holds a rung",
    ),
    "a threshold twice": (
        lambda p: p["rules"]["funds"].update(thresholds=[["thresholds", "total", "usd_50000"]] * 2),
        "each threshold once",
    ),
    "joint accounts that are a day": (
        lambda p: p["rules"]["funds"].update(any_joint=["as_of"]),
        "funds.any_joint: expected a claim that holds a boolean",
    ),
    "both rules about one credential": (lambda p: p["rules"]["funds"].update(query="identity"), "rule"),
    "a rule that nobody knows": (lambda p: p["rules"]["funds"].update(treshold=[]), "treshold"),
    "a member of the policy that nobody knows": (lambda p: p.update(rulez={}), "rulez"),
    "a credential that may be left out": (
        lambda p: by_sets(p, ["identity"]),
        "proof_of_funds in every option",
    ),
    "alternatives without it": (
        lambda p: by_sets(p, ["identity", "proof_of_funds"], ["identity"]),
        "proof_of_funds in every option",
    ),
    "a set that is optional": (
        lambda p: by_sets(p, ["identity", "proof_of_funds"], required=False),
        "every option",
    ),
    "a claim that may be left out": (lambda p: by_claim_sets(p, 1), "birth_date in every claim set"),
}


@pytest.mark.parametrize("case", UNANSWERABLE)
def test_policy_that_nobody_could_meet_stops_the_start_and_says_why(tmp_path: Path, case: str) -> None:
    spoil, words = UNANSWERABLE[case]
    with pytest.raises(Misconfigured, match=words):
        read_policies(write(tmp_path, "account-opening", spoil))


@pytest.mark.parametrize(
    "change",
    [
        ask(0, "document", "type", values=["passport", "national_id"]),
        ask(0, "document"),
        ask(1, "accounts", None, "balance"),
        ask(1, "accounts", 0, "currency", values=["USD"]),
        ask(1, "thresholds", "account_age", "years_2", values=[True]),
        lambda policy: query(policy, 0)["claims"][1].update(values=["1990-02-28"]),
        lambda policy: by_sets(policy, ["identity", "proof_of_funds"]),
        lambda policy: by_claim_sets(policy, 2),
    ],
)
def test_policy_that_can_be_met_is_read(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    assert read_policies(write(tmp_path, "account-opening", change))


def test_every_claim_of_every_type_can_be_asked_for(tmp_path: Path) -> None:
    """The types' own metadata is what a policy is held against, so none of it may be out of reach."""

    def everything(policy: dict[str, Any]) -> None:
        for index, vct in ((0, PASSPORT_IDENTITY), (1, PROOF_OF_FUNDS)):
            asked = {tuple(claim["path"]) for claim in query(policy, index)["claims"]}
            for each in type_metadata(vct).claims:
                if each.path not in asked and (each.path[0] != "thresholds" or len(each.path) < 3):
                    query(policy, index)["claims"].append({"path": list(each.path)})

    assert read_policies(write(tmp_path, "account-opening", everything))


def test_folder_without_policies_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="at least one policy"):
        read_policies(tmp_path)


def registration(lei: str) -> IssuerRegistration:
    return IssuerRegistration.read(
        {
            "did": "did:ethr:0x7a69:0x" + "a1" * 20,
            "legal_name": {"en": "Bank A", "zh-TW": "甲銀行"},
            "lei": lei,
            "bic": "BANKTWTP",
            "bank_code": "899",
            "country": "TW",
            "licence": "1",
            "contact": "bank-a.example",
            "base_url": "https://bank-a.example",
        }
    )


def desk_that_asks_for_the_lei(database: Database, folder: Path, *, known: bool) -> Desk:
    def with_lei(policy: dict[str, Any]) -> None:
        policy["dcql_query"]["credentials"][1]["claims"].append({"path": ["issuer", "lei"]})

    registered = registration(LEI_A)
    desk = Desk(
        database,
        parts={
            "policies": policies_without_hub(write(folder, "account-opening", with_lei)),
            "registrations": {evidence_hash(registered): registered} if known else {},
        },
    )
    desk.ledger.grant_list = [
        replace(grant, evidence_hash=evidence_hash(registered)) for grant in desk.ledger.grant_list
    ]
    return desk


@pytest.mark.parametrize(
    ("lei", "known", "status", "reasons"),
    [
        (LEI_A, True, "verified", []),
        (LEI_B, True, "refused", ["issuer_mismatch"]),
        (LEI_A, False, "review", ["issuer_name_unchecked"]),
    ],
)
async def test_bank_a_cannot_speak_for_bank_b(
    database: Database, tmp_path: Path, lei: str, *, known: bool, status: str, reasons: list[str]
) -> None:
    desk = desk_that_asks_for_the_lei(database, tmp_path, known=known)
    opened = await desk.open()
    about = Disclosable({"lei": Disclosable(lei), "contact": Disclosable("anything")})
    proof = desk.bank.proof_of_funds(desk.holder.signer, issuer=about)
    credentials = {**desk.credentials(), "proof_of_funds": (proof, (*FUNDS_PATHS, ("issuer", "lei")))}
    await opened.answer(credentials)
    result = await opened.result()
    assert (result["status"], result["reasons"]) == (status, reasons)


def test_registrations_count_by_their_hash(tmp_path: Path) -> None:
    registered = registration(LEI_A)
    (tmp_path / "bank-a.json").write_text(json.dumps(registered.to_object()))
    assert read_registrations(tmp_path) == {evidence_hash(registered): registered}
    assert read_registrations(None) == {}
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(Misconfigured, match=r"bad\.json"):
        read_registrations(tmp_path)


@pytest.mark.parametrize(
    ("ours", "status", "reasons"),
    [(True, "verified", []), (False, "refused", ["certificate_not_trusted"])],
)
async def test_a_policy_may_name_the_authorities_that_certify_issuers(
    database: Database, tmp_path: Path, *, ours: bool, status: str, reasons: list[str]
) -> None:
    """OpenID4VP 1.0 section 6.1.1.1: by the key identifier of any authority of the chain; the wallet's keeping to it is not trusted."""
    desk = Desk(database)
    (theirs,) = authority_key_ids([desk.bank.leaf])
    wanted = theirs if ours else b64u_encode(b"another authority...")

    def by_authority(policy: dict[str, Any]) -> None:
        for each in policy["dcql_query"]["credentials"]:
            each["trusted_authorities"] = [{"type": "aki", "values": [b64u_encode(bytes(20)), wanted]}]

    desk.parts = {"policies": policies_without_hub(write(tmp_path, "account-opening", by_authority))}
    desk.restart()
    desk.follow()
    opened = await desk.open()
    answer = await opened.answer()
    assert answer.status_code == (200 if ours else 400)
    result = await opened.result()
    assert (result["status"], result["reasons"]) == (status, reasons)
