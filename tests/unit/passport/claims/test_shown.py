from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from passport.claims import (
    SHOWN,
    AccountOwnership,
    AssuranceLevel,
    FundsKind,
    Money,
    Ownership,
    PassportIdentity,
    ProofOfFunds,
    ShownAccountOwnership,
    ShownIdentity,
    ShownProofOfFunds,
)
from passport.claims.shown import ShownThresholds
from passport.disclosable import ClaimTree
from passport.errors import Malformed
from passport.identifiers import PROOF_OF_FUNDS
from passport.jose import PrivateKeySigner
from passport.sd_jwt import issue, parse, verify_issuer
from passport.strict_json import JsonObject


class CountingEntropy:
    def __init__(self) -> None:
        self._next = 0

    def token(self, size: int) -> bytes:
        self._next += 1
        return self._next.to_bytes(size)


def all_shown(claims: dict[str, ClaimTree]) -> JsonObject:
    """What a verifier reads when everything was disclosed."""
    signer = PrivateKeySigner.from_secret(7)
    issued = issue(claims=claims, signer=signer, entropy=CountingEntropy())
    return verify_issuer(parse(issued.text), signer.public_jwk).claims


def test_a_proof_of_funds_reads_back_what_was_issued(funds: ProofOfFunds) -> None:
    held = replace(funds, kind=FundsKind.HELD, held_until=datetime(2026, 7, 1, tzinfo=UTC))
    shown = ShownProofOfFunds.read(all_shown(held.to_sd_claims()))
    assert shown.kind is FundsKind.HELD
    assert shown.as_of == held.as_of
    assert shown.held_until == held.held_until
    assert shown.holder.name_latin == "LIN MEI-HUA"
    assert shown.holder.name_chinese is None
    assert shown.issuer.lei == str(held.issuer.lei)
    assert shown.issuer.officer is None
    assert [each.masked_number for each in shown.accounts] == ["********5678"]
    assert shown.accounts[0].balance is not None
    assert shown.accounts[0].balance.money == Money("TWD", 250_000_000)
    assert shown.totals.equivalent is not None
    assert shown.totals.equivalent.money.money == Money("USD", 7_812_500)
    assert shown.totals.equivalent.rates == {"TWD": "0.03125"}
    assert shown.thresholds.met("total", "usd_50000")
    assert not shown.thresholds.met("total", "usd_100000")
    assert not shown.thresholds.met("min28d", "usd_10000")
    assert shown.thresholds.met("account_age", "years_10")
    assert not shown.any_joint


def test_an_identity_reads_back_what_was_issued(identity: PassportIdentity) -> None:
    shown = ShownIdentity.read(all_shown(identity.to_sd_claims()))
    assert shown.name_chinese == "林美華"
    assert shown.birth_date == date(1990, 3, 5)
    assert shown.document.expiry == date(2031, 1, 2)
    assert shown.assurance_level is AssuranceLevel.HIGH


def test_an_account_ownership_reads_back_what_was_issued(ownership: AccountOwnership) -> None:
    shown = ShownAccountOwnership.read(all_shown(ownership.to_sd_claims()))
    assert shown.account.ownership is Ownership.SOLE
    assert shown.account.opened_on == date(2012, 9, 1)


def test_what_was_hidden_is_absent() -> None:
    shown = SHOWN[PROOF_OF_FUNDS].read({"iss": "http://bank.example", "iat": 1})
    assert shown == ShownProofOfFunds()


def test_a_threshold_counts_only_when_it_is_true() -> None:
    shown = ShownThresholds.read({"total": {"usd_10000": False}})
    assert not shown.met("total", "usd_10000")
    assert not shown.met("other", "usd_10000")


@pytest.mark.parametrize(
    "claims",
    [
        {"as_of": "2026-06-01T00:00:00"},
        {"as_of": "yesterday"},
        {"as_of": 1},
        {"kind": "promised"},
        {"thresholds": {"total": {"usd_50000": 1}}},
        {"thresholds": {"total": {"usd_50000": "true"}}},
        {"liabilities": {"amount_minor": 1, "currency": "TWD", "exponent": 0}},
        {"liabilities": {"amount_minor": 1.5, "currency": "TWD", "exponent": 2}},
        {"accounts": [{}]},
        {"holder": "LIN"},
    ],
)
def test_claims_of_a_wrong_form_are_malformed(claims: JsonObject) -> None:
    with pytest.raises(Malformed):
        ShownProofOfFunds.read(claims)
