"""Make an offer: fix the figures, ask the hub, and hand out codes or queue it for an officer.

Journey steps 3 to 5. A track of the bank's own, or the hub's ``block``, ends it; ``review``, ``unknown`` and a large
amount wait in one queue (design section 9, "Verdict"). Handles are registered at the hub before any code exists.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from issuer.acts import NO_REASON, NOT_OFFICERS, Act, ActKind, Caller
from issuer.codes import Codes
from issuer.customer import Customer, Statement
from issuer.errors import OfferDeclined
from issuer.offer import (
    BY_CUSTOMER,
    Configuration,
    NewAccount,
    NewOffer,
    Offer,
    OfferSecrets,
    OfferState,
    QueueReason,
    Subject,
)
from issuer.ports import CopyWriter, CoreBanking, FraudCheck, HubAnswer, ProvenAccounts, Tracks
from issuer.storage.offers import OfferStore
from passport.clock import Clock, Entropy
from passport.errors import Malformed, Reason
from passport.fraud import VerdictClass
from passport.jose import b64u_encode
from service.reasons import Why

_HANDLE_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class OfferRequest:
    """What is asked for, and by whom: the customer, the operator, or an officer by id."""

    customer: str
    configurations: tuple[Configuration, ...]
    as_of: date | None = None
    requested_by: str = BY_CUSTOMER
    new_account: NewAccount | None = None
    deferred: bool = False
    why: Why = NO_REASON


@dataclass(frozen=True, slots=True)
class MadeOffer:
    """An offer, and its codes unless an officer must agree first."""

    offer: Offer
    secrets: OfferSecrets | None


class MakeOffer:
    """The use case."""

    def __init__(
        self,
        *,
        bank: CoreBanking,
        offers: OfferStore,
        tracks: Tracks,
        fraud_check: FraudCheck,
        writer: CopyWriter,
        codes: Codes,
        entropy: Entropy,
        clock: Clock,
        offered: frozenset[Configuration],
        copies: int,
    ) -> None:
        self._bank = bank
        self._offers = offers
        self._tracks = tracks
        self._fraud_check = fraud_check
        self._writer = writer
        self._codes = codes
        self._entropy = entropy
        self._clock = clock
        self._offered = offered
        self._copies = copies

    def __call__(self, request: OfferRequest) -> MadeOffer:
        """Make it.

        Raises:
            Malformed: nothing, something twice, or something that this bank does not issue is asked for; or a member
                of the hub is to state ownership of an account that is not in its books; or a day without a statement.
            Rejected: NOT_FOUND for an unknown customer.
            OfferDeclined: a fraud check ends it; the customer hears neutral words only.
        """
        # 1. What is asked for is something this bank issues.
        self._check(request)
        # 2. The figures, as of an instant, from the bank's own books.
        subject = self._subject(request)
        for one in request.configurations:
            self._writer.check(one, subject)
        # 3. The bank's own tracks.
        tracks = self._tracks.live(request.customer)
        if tracks:
            raise OfferDeclined(Reason.FRAUD_BLOCK, tracks)
        # 4. The hub, about every account that will be proven; and a handle for each copy.
        offer_id, made_at = self._codes.new_id(), self._clock.now().replace(microsecond=0)
        proven = proven_accounts(offer_id, subject, self._new_handles(request), made_at)
        answer, reasons = self._ask_hub(proven)
        # 5. A large amount needs a second officer.
        statement = subject.statement
        if statement is not None and statement.total_usd_minor > self._bank.approval_limit_usd_minor:
            reasons = (QueueReason.LARGE_AMOUNT, *reasons)
        # 6. Store it, durably; only then a code exists.
        offer = replace(self._offer(proven, request, statement, reasons), fraud_verdict=answer.signed)
        self._offers.add(
            NewOffer(offer, subject, proven.handles, handles_registered=answer.handles_registered),
            Act(ActKind.OFFER, self._caller(request), request.why, made_at, request.customer, offer.id),
        )
        if offer.state is OfferState.QUEUED:
            return MadeOffer(offer, None)
        return MadeOffer(offer, release(self._offers, self._codes, self._clock, offer.id))

    def _caller(self, request: OfferRequest) -> Caller:
        if request.requested_by in NOT_OFFICERS:
            return Caller(request.requested_by)
        return Caller.officer(self._bank.officer(request.requested_by))

    def _check(self, request: OfferRequest) -> None:
        wanted = request.configurations
        if not wanted or len(set(wanted)) != len(wanted):
            raise Malformed("expected one or more credentials, each once")
        if not set(wanted) <= self._offered:
            names = ", ".join(sorted({one.anchored_as for one in self._offered}))
            raise Malformed(f"expected credentials that this bank issues: {names}")
        if (Configuration.ACCOUNT_OWNERSHIP in wanted) != (request.new_account is not None):
            raise Malformed("expected an account with account-ownership, and only with it")

    def _subject(self, request: OfferRequest) -> Subject:
        named = request.requested_by not in NOT_OFFICERS
        officer = self._bank.officer(request.requested_by).name if named else ""
        customer: Customer | None = None
        statement: Statement | None = None
        if any(one is not Configuration.ACCOUNT_OWNERSHIP for one in request.configurations):
            customer = self._bank.customer(request.customer)
        if any(one.states_funds for one in request.configurations):
            statement = self._bank.statement(request.customer, request.as_of)
        new_account = request.new_account
        if new_account is not None and self._fraud_check.needs_person:
            customer = customer or self._bank.customer(request.customer)
            new_account = _in_the_books(new_account, customer)
        return Subject(customer, statement, new_account, officer)

    def _new_handles(self, request: OfferRequest) -> tuple[str, ...]:
        """One for each copy of each credential that proves accounts."""
        proving = sum(one.proves_accounts for one in request.configurations)
        return tuple(b64u_encode(self._entropy.token(_HANDLE_BYTES)) for _ in range(proving * self._copies))

    def _ask_hub(self, proven: ProvenAccounts) -> tuple[HubAnswer, tuple[QueueReason, ...]]:
        """What the hub said, and why an officer must look."""
        if not proven.handles:
            return HubAnswer(VerdictClass.CLEAR, handles_registered=True), ()
        answer = self._fraud_check.before_offer(proven)
        match answer.verdict:
            case VerdictClass.BLOCK:
                raise OfferDeclined(Reason.FRAUD_BLOCK)
            case VerdictClass.REVIEW:
                return answer, (QueueReason.FRAUD_REVIEW,)
            case VerdictClass.UNKNOWN:
                return answer, (QueueReason.FRAUD_UNKNOWN,)
            case VerdictClass.CLEAR:
                return answer, ()

    def _offer(
        self,
        proven: ProvenAccounts,
        request: OfferRequest,
        statement: Statement | None,
        reasons: tuple[QueueReason, ...],
    ) -> Offer:
        # An officer who makes the offer is the first of two. The customer is none, and neither is the shared operator's
        # token, which is nobody: beside it one officer would be alone (threats.md T62).
        by_no_officer = request.requested_by in NOT_OFFICERS
        needed = 0 if not reasons else 2 if QueueReason.LARGE_AMOUNT in reasons and by_no_officer else 1
        if request.deferred:
            needed = max(needed, 1)
        return Offer(
            id=proven.offer_id,
            customer=request.customer,
            configurations=request.configurations,
            state=OfferState.QUEUED if needed and not request.deferred else OfferState.APPROVED,
            statement_digest=statement.digest().hex() if statement else "",
            copies=self._copies,
            requested_by=request.requested_by,
            queue_reasons=reasons,
            approvals=(),
            approvals_needed=needed,
            created_at=proven.made_at,
            deferred=request.deferred,
        )


def _in_the_books(stated: NewAccount, customer: Customer) -> NewAccount:
    """The stated account as the hub knows it: one of the customer's own, in the bank's books.

    The hub is asked about an account and its holder, and hears only of accounts that the bank keeps; a member states
    ownership of no others.

    Raises:
        Malformed: the customer has no such account, or it is described otherwise.
    """
    found = [one for one in customer.accounts if stated.number in {one.number, one.canonical}]
    if len(found) != 1:
        raise Malformed("expected an account that this customer has in the bank's books")
    one = found[0]
    kept = NewAccount(one.number, one.currency, one.ownership, one.opened_on, one.canonical)
    if replace(stated, number=kept.number, canonical=kept.canonical) != kept:
        raise Malformed("expected the account's currency, ownership and opening day as in the bank's books")
    return kept


def proven_accounts(
    offer_id: str, subject: Subject, handles: tuple[str, ...], made_at: datetime
) -> ProvenAccounts:
    """What the hub is asked about: every account that the offer will prove, and whose they are."""
    accounts = [one.account.canonical for one in subject.statement.accounts] if subject.statement else []
    if subject.new_account is not None:
        accounts.append(subject.new_account.canonical or subject.new_account.number)
    holder = subject.customer
    person = f"{holder.nationality}:{holder.person_id}" if holder is not None else ""
    return ProvenAccounts(offer_id, tuple(accounts), person, handles, made_at)


def release(offers: OfferStore, codes: Codes, clock: Clock, offer_id: str) -> OfferSecrets:
    """Make an approved offer's codes; only their hashes stay here.

    Raises:
        Rejected: NOT_FOUND, or CONFLICT when it is not approved or has its codes already.
    """
    secrets = OfferSecrets(codes.new_secret(), codes.new_tx_code())
    offers.release(
        offer_id,
        code_hash=codes.hashed("code", secrets.code),
        tx_code_hash=codes.hashed("tx-code", offer_id, secrets.tx_code),
        now=clock.now(),
    )
    return secrets
