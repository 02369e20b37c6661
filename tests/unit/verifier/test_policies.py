"""Policies as files, and a bank that speaks for another (threat T19)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import verifier.policies
from passport.disclosable import Disclosable
from passport.errors import Misconfigured
from passport.registry import IssuerRegistration, evidence_hash
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
    def ask(policy: dict[str, Any]) -> None:
        policy["dcql_query"]["credentials"][1]["claims"].append({"path": ["issuer", "lei"]})

    registered = registration(LEI_A)
    desk = Desk(
        database,
        parts={
            "policies": policies_without_hub(write(folder, "account-opening", ask)),
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
