from datetime import UTC, date, datetime

import pytest

from passport.claims import (
    Account,
    AccountOwnership,
    AccountScheme,
    AssuranceLevel,
    DocumentType,
    Equivalent,
    FundsKind,
    HolderParty,
    IdentityDocument,
    IssuerParty,
    Money,
    Ownership,
    PassportIdentity,
    ProofOfFunds,
    Thresholds,
)
from passport.identifiers import Bic, Country, Lei

AS_OF = datetime(2026, 5, 31, 16, tzinfo=UTC)


@pytest.fixture
def bank() -> IssuerParty:
    return IssuerParty(
        legal_name_en="Formosa Bank",
        legal_name_zh="寶島銀行",
        lei=Lei("5493001KJTIIGC8Y1R12"),
        bic=Bic("FORMTWTP"),
        bank_code="822",
        country=Country("TW"),
        licence="FSC 0822",
        contact="+886 2 0000 0000",
    )


@pytest.fixture
def holder() -> HolderParty:
    return HolderParty(
        name_latin="LIN MEI-HUA",
        birth_date=date(1990, 3, 5),
        nationality=Country("TW"),
        customer_since=date(2012, 9, 1),
    )


@pytest.fixture
def account() -> Account:
    return Account(
        scheme=AccountScheme.TW,
        masked_number="********5678",
        type="savings",
        currency="TWD",
        ownership=Ownership.SOLE,
        opened_on=date(2012, 9, 1),
        balance=Money("TWD", 250_000_000),
        available=Money("TWD", 249_000_000),
    )


@pytest.fixture
def funds(bank: IssuerParty, holder: HolderParty, account: Account) -> ProofOfFunds:
    return ProofOfFunds(
        kind=FundsKind.POINT_IN_TIME,
        as_of=AS_OF,
        issuer=bank,
        holder=holder,
        accounts=(account,),
        totals=(Money("TWD", 250_000_000),),
        equivalent=Equivalent(Money("USD", 7_812_500), (("TWD", "0.03125"),), "CBC closing", AS_OF),
        thresholds=Thresholds.met_by(
            total_usd_minor=7_812_500,
            min28d_usd_minor=None,
            oldest_opened_on=account.opened_on,
            as_of=AS_OF.date(),
        ),
    )


@pytest.fixture
def identity(bank: IssuerParty) -> PassportIdentity:
    return PassportIdentity(
        issuer=bank,
        name_latin="LIN MEI-HUA",
        name_chinese="林美華",
        birth_date=date(1990, 3, 5),
        nationality=Country("TW"),
        document=IdentityDocument(DocumentType.PASSPORT, Country("TW"), date(2031, 1, 2)),
        assurance_level=AssuranceLevel.HIGH,
    )


@pytest.fixture
def ownership(bank: IssuerParty, account: Account) -> AccountOwnership:
    return AccountOwnership(
        issuer=bank,
        scheme=account.scheme,
        masked_number=account.masked_number,
        currency=account.currency,
        ownership=account.ownership,
        opened_on=account.opened_on,
    )
