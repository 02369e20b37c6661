"""The hub as this bank reaches it: tokens instead of numbers, verdicts, handles, alerts.

The bank keeps which token is whose in memory only, made anew at each start and each epoch: a table of tokens and
customers on disk would be worth stealing. Nothing here lets an account number or a name leave.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from fraud_check.client import (
    HeldAccount,
    HubConnection,
    MemberClient,
    TokenSubject,
    account_subject,
    person_subject,
)
from issuer.customer import Customer
from issuer.ports import BankAlert, HubAnswer, ProvenAccounts
from passport.errors import Malformed, Rejected, Unavailable
from passport.fraud import Token, VerdictClass
from passport.identifiers import Handle

HANDLES_LAST: Final = timedelta(days=91)
"""A credential's longest life, and a day in which an offer may wait."""


class HubDesk:
    """Everything a member bank asks and tells."""

    def __init__(
        self,
        connection: HubConnection,
        member: MemberClient,
        customers: Callable[[], Sequence[Customer]],
    ) -> None:
        self._connection = connection
        self._member = member
        self._customers = customers
        self._lock = threading.Lock()
        self._epoch = -1
        self._tokens: dict[TokenSubject, Token] = {}
        self._customer_of: dict[Token, str] = {}

    def before_offer(self, proven: ProvenAccounts) -> HubAnswer:
        """The hub's class, or UNKNOWN when it cannot be asked; handles are registered unless it says block."""
        try:
            self._prepare()
            held = self._held(proven)
            signed = self._member.ask_before_offer(
                accounts=[one.account for one in held], person=held[0].person
            )
        except (Unavailable, Rejected, Malformed):
            # What the hub refuses to answer is as little known as what it cannot.
            return HubAnswer(VerdictClass.UNKNOWN, handles_registered=False)
        verdict = signed.verdict.verdict_class
        if verdict is VerdictClass.BLOCK:
            return HubAnswer(verdict, handles_registered=False, signed=signed.signed)
        try:
            self._register(proven, held)
        except (Unavailable, Rejected):
            return HubAnswer(VerdictClass.UNKNOWN, handles_registered=False)
        return HubAnswer(verdict, handles_registered=True, signed=signed.signed)

    def register(self, proven: ProvenAccounts) -> None:
        """Register the handles; raises as the hub's client does."""
        self._prepare()
        self._register(proven, self._held(proven))

    def cause_gone(self, person: str, reference: str) -> None:
        """Tell the hub; raises as the hub's client does."""
        self._prepare()
        self._member.cause_gone(person=self._token(_person(person)), reference=reference)

    def after(self, number: int) -> tuple[BankAlert, ...]:
        """The next alerts; raises as the hub's client does."""
        self._prepare()
        received = self._member.alerts(after=number)
        return tuple(
            BankAlert(
                one.alert.n,
                one.alert.kind,
                one.alert.notice,
                self._whose(one.alert.account, one.alert.person),
            )
            for one in received.alerts
        )

    def _whose(self, account: str | None, person: str | None) -> str | None:
        """The customer of an alert's account; of its person only where no account is named.

        A warning on an account elsewhere names the person, too: what follows for accounts here comes as an alert of
        its own (derived).
        """
        return self._customer_of.get(Token(account if account is not None else person or ""))

    def _register(self, proven: ProvenAccounts, held: Sequence[HeldAccount]) -> None:
        self._member.register_handles(
            registration=proven.offer_id,
            handles=[Handle(one) for one in proven.handles],
            accounts=held,
            expires_at=proven.made_at + HANDLES_LAST,
        )

    def _held(self, proven: ProvenAccounts) -> list[HeldAccount]:
        person = self._token(_person(proven.person))
        return [HeldAccount(self._token(account_subject(one)), person) for one in proven.accounts]

    def _token(self, subject: TokenSubject) -> Token:
        found = self._tokens.get(subject)
        return found if found is not None else self._member.tokens([subject])[subject]

    def _prepare(self) -> None:
        """Make every customer's tokens in the current epoch, and link them at the hub; once an epoch."""
        epoch = self._connection.hub_keys().current_epoch
        with self._lock:
            if epoch == self._epoch:
                return
            customers = self._customers()
            subjects = [account_subject(a.canonical) for c in customers for a in c.accounts]
            tokens = dict(self._member.tokens([*subjects, *(_person_of(one) for one in customers)]))
            links: list[HeldAccount] = []
            for customer in customers:
                person = tokens[_person_of(customer)]
                self._customer_of[person] = customer.key
                for account in customer.accounts:
                    token = tokens[account_subject(account.canonical)]
                    self._customer_of[token] = customer.key
                    links.append(HeldAccount(token, person))
            self._member.link_accounts(links)
            self._tokens = tokens
            self._epoch = epoch


def _person_of(customer: Customer) -> TokenSubject:
    return person_subject(str(customer.nationality), customer.person_id)


def _person(text: str) -> TokenSubject:
    country, _, national_id = text.partition(":")
    return person_subject(country, national_id)
