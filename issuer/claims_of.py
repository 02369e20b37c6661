"""From what the bank knows to what a credential says: subject to claims, for each configuration.

The journal keeps the subject, not the claims, so this is a pure function: the same subject gives the same claims.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Final, assert_never

from issuer.customer import AccountFigures, Bank, Customer, Statement
from issuer.offer import Configuration, NewAccount, Subject
from passport.claims import (
    Account,
    AccountOwnership,
    AccountScheme,
    AssuranceLevel,
    Averages,
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
from passport.disclosable import ClaimTree
from passport.errors import Malformed
from passport.identifiers import ACCOUNT_OWNERSHIP, PASSPORT_IDENTITY, PROOF_OF_FUNDS, Vct

VCT_OF: Final[Mapping[Configuration, Vct]] = {
    Configuration.PROOF_OF_FUNDS: PROOF_OF_FUNDS,
    Configuration.IDENTITY: PASSPORT_IDENTITY,
    Configuration.ACCOUNT_OWNERSHIP: ACCOUNT_OWNERSHIP,
    Configuration.PROOF_OF_FUNDS_VC11: PROOF_OF_FUNDS,
}

_RATE_SOURCE: Final = "the bank's closing rate"
_MICRO: Final = 1_000_000
_USD: Final = "USD"
_PLEDGED: Final = "part of the balance is pledged"


def claims_of(configuration: Configuration, subject: Subject, bank: Bank) -> Mapping[str, ClaimTree]:
    """The disclosable claims of a credential.

    Raises:
        Malformed: the subject has not what the configuration needs, or more than fits.
    """
    party = _issuer_party(bank, subject.officer_name)
    match configuration:
        case Configuration.PROOF_OF_FUNDS | Configuration.PROOF_OF_FUNDS_VC11:
            return funds_of(subject, bank).to_sd_claims()
        case Configuration.IDENTITY:
            return _identity(_require(subject.customer), party)
        case Configuration.ACCOUNT_OWNERSHIP:
            return _account_ownership(subject.new_account, party)
        case _:
            assert_never(configuration)


def funds_of(subject: Subject, bank: Bank) -> ProofOfFunds:
    """What a proof of funds says, before it takes a form.

    Raises:
        Malformed: there is no customer or statement, or more accounts than fit.
    """
    party = _issuer_party(bank, subject.officer_name)
    return _proof_of_funds(_require(subject.customer), _require_statement(subject.statement), party)


def _require(customer: Customer | None) -> Customer:
    if customer is None:
        raise Malformed("expected a customer")
    return customer


def _require_statement(statement: Statement | None) -> Statement:
    if statement is None:
        raise Malformed("expected a statement")
    return statement


def _issuer_party(bank: Bank, officer: str) -> IssuerParty:
    return IssuerParty(
        legal_name_en=bank.name_en,
        legal_name_zh=bank.name_zh,
        lei=bank.lei,
        bic=bank.bic,
        bank_code=bank.bank_code or str(bank.bic),  # only Taiwan numbers its banks so
        country=bank.country,
        licence=bank.licence,
        contact=bank.contact,
        officer=officer or None,
    )


def _proof_of_funds(customer: Customer, statement: Statement, party: IssuerParty) -> ProofOfFunds:
    sums: defaultdict[str, int] = defaultdict(int)
    for one in statement.accounts:
        sums[one.account.currency] += one.balance_minor
    averages = None
    if statement.average_3m_usd_minor is not None and statement.average_6m_usd_minor is not None:
        averages = Averages(
            Money(_USD, statement.average_3m_usd_minor),
            Money(_USD, statement.average_6m_usd_minor),
            Money(_USD, statement.min28d_usd_minor),
        )
    return ProofOfFunds(
        kind=FundsKind.POINT_IN_TIME,
        as_of=statement.as_of,
        issuer=party,
        holder=HolderParty(
            name_latin=customer.name_latin,
            name_chinese=customer.name_zh,
            birth_date=customer.birth_date,
            nationality=customer.nationality,
            customer_since=customer.customer_since,
        ),
        accounts=tuple(_account(one) for one in statement.accounts),
        totals=tuple(Money(currency, amount) for currency, amount in sorted(sums.items())),
        equivalent=Equivalent(
            money=Money(_USD, statement.total_usd_minor),
            rates=tuple((currency, _decimal(micro)) for currency, micro in statement.usd_micro),
            source=_RATE_SOURCE,
            at=statement.as_of,
        ),
        thresholds=Thresholds.met_by(
            total_usd_minor=statement.available_usd_minor,
            min28d_usd_minor=statement.min28d_usd_minor,
            oldest_opened_on=min(one.account.opened_on for one in statement.accounts),
            as_of=statement.as_of.date(),
        ),
        averages=averages,
        encumbrance=_PLEDGED if any(one.pledged_minor for one in statement.accounts) else None,
    )


def _decimal(micro: int) -> str:
    whole, part = divmod(micro, _MICRO)
    return f"{whole}.{part:06d}"


def _account(figures: AccountFigures) -> Account:
    account = figures.account
    return Account(
        scheme=AccountScheme(account.scheme),
        masked_number=account.masked,
        type=account.kind,
        currency=account.currency,
        ownership=Ownership(account.ownership.value),
        opened_on=account.opened_on,
        balance=Money(account.currency, figures.balance_minor),
        available=Money(account.currency, figures.available_minor),
    )


def _identity(customer: Customer, party: IssuerParty) -> Mapping[str, ClaimTree]:
    try:
        document_type = DocumentType(customer.document_type)
        assurance = AssuranceLevel(customer.assurance_level)
    except ValueError as error:
        raise Malformed("expected a document type and an assurance level of the passport's lists") from error
    return PassportIdentity(
        issuer=party,
        name_latin=customer.name_latin,
        name_chinese=customer.name_zh,
        birth_date=customer.birth_date,
        nationality=customer.nationality,
        document=IdentityDocument(document_type, customer.document_country, customer.document_expires_on),
        assurance_level=assurance,
    ).to_sd_claims()


def _account_ownership(account: NewAccount | None, party: IssuerParty) -> Mapping[str, ClaimTree]:
    if account is None:
        raise Malformed("expected an account")
    return AccountOwnership(
        issuer=party,
        scheme=AccountScheme.IBAN,
        masked_number=account.masked,
        currency=account.currency,
        ownership=Ownership(account.ownership.value),
        opened_on=account.opened_on,
    ).to_sd_claims()
