"""The hub as this bank reaches it: tokens instead of numbers, verdicts, handles, alerts.

The bank keeps which token is whose in memory only, made anew at each start and each epoch: a table of tokens and
customers on disk would be worth stealing. Accounts that the bank gains meanwhile are added before the hub is asked or
heard. Nothing here lets an account number or a name leave.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from fraud_check.client import (
    HeldAccount,
    HubConnection,
    MemberClient,
    SignedVerdict,
    TokenSubject,
    account_subject,
    person_subject,
)
from issuer.customer import Customer
from issuer.ports import BankAlert, Ground, Grounds, HubAnswer, ProvenAccounts
from outbound import AskAgain
from passport import strict_json
from passport.clock import from_epoch
from passport.errors import Malformed, Rejected, Unavailable
from passport.fraud import Alert, AlertKind, Evidence, Token, Verdict, VerdictClass
from passport.identifiers import Handle
from passport.jose import parse_compact
from service.logs import log_event

logger = logging.getLogger(__name__)

HANDLES_LAST: Final = timedelta(days=91)
"""A credential's longest life, and a day in which an offer may wait."""

UNRESOLVED: Final = "unresolved"
"""An account that this bank cannot tell from another's before it has reached the hub."""

LINK_AGAIN: Final = timedelta(minutes=1)


class HubDesk:
    """Everything a member bank asks and tells."""

    needs_person = True

    def __init__(
        self,
        connection: HubConnection,
        member: MemberClient,
        customers: Callable[[], Sequence[Customer]],
        again: AskAgain | None = None,
    ) -> None:
        self._connection = connection
        self._member = member
        self._customers = customers
        self._again = again or AskAgain()
        self._lock = threading.Lock()
        self._epoch = -1
        self._tokens: dict[TokenSubject, Token] = {}
        self._linked: set[HeldAccount] = set()
        self._refused: set[HeldAccount] = set()
        self._refused_until = connection.now()
        self._customer_of: dict[Token, str] = {}
        self._masked: dict[str, str] = {}

    def before_offer(self, proven: ProvenAccounts) -> HubAnswer:
        """The hub's class, or UNKNOWN when it cannot be asked; handles are registered unless it says block.

        A hub that is away for a moment is asked again: its restart sends no offer into the officers' queue.
        """
        try:
            held, signed = self._again(lambda: self._ask(proven))
        except (Unavailable, Rejected, Malformed):
            # What the hub refuses to answer is as little known as what it cannot.
            return HubAnswer(VerdictClass.UNKNOWN, handles_registered=False)
        verdict = signed.verdict.verdict_class
        if verdict is VerdictClass.BLOCK:
            return HubAnswer(verdict, handles_registered=False, signed=signed.signed)
        try:
            self._again(lambda: self._register(proven, held))
        except (Unavailable, Rejected):
            return HubAnswer(VerdictClass.UNKNOWN, handles_registered=False)
        return HubAnswer(verdict, handles_registered=True, signed=signed.signed)

    def _ask(self, proven: ProvenAccounts) -> tuple[list[HeldAccount], SignedVerdict]:
        self._prepare()
        held = self._held(proven)
        accounts = [one.account for one in held]
        return held, self._member.ask_before_offer(accounts=accounts, person=held[0].person)

    def register(self, proven: ProvenAccounts) -> None:
        """Register the handles; raises as the hub's client does."""
        self._prepare()
        self._register(proven, self._held(proven))

    def grounds(self, signed: str) -> Grounds | None:
        """A verdict that was checked when it came, with what this bank can resolve of it."""
        if not signed:
            return None
        verdict = Verdict.read(strict_json.loads(parse_compact(signed).unverified_payload))
        return Grounds(
            verdict=verdict.verdict_class,
            as_of=from_epoch(verdict.as_of),
            rule=verdict.rule,
            depth=verdict.depth,
            truncated=verdict.truncated,
            grounds=tuple(self._ground(one) for one in verdict.evidence),
        )

    def _ground(self, evidence: Evidence) -> Ground:
        return Ground(
            track=evidence.track or "",
            account=self._name(evidence.account),
            notice=evidence.notice or "",
            hops=evidence.hops,
            warned_account=self._name(evidence.warning_account),
            transfers=len(evidence.path),
        )

    def _name(self, token: str | None) -> str:
        """An account of ours, masked; nothing for another bank's, or where none is named."""
        if token is None:
            return ""
        # Until the hub was reached once there is no telling whose a token is.
        return self._masked.get(token, "") if self._masked else UNRESOLVED

    def confirm_holder(self, account: str, person: str, reference: str, *, holds: bool) -> None:
        """Tell the hub; raises as the hub's client does."""
        self._member.confirm_holder(
            account=Token(account), person=Token(person), holds=holds, reference=reference
        )

    def cause_gone(self, person: str, reference: str) -> None:
        """Tell the hub; raises as the hub's client does."""
        self._prepare()
        self._member.cause_gone(person=self._token(_person(person)), reference=reference)

    def after(self, number: int) -> tuple[BankAlert, ...]:
        """The next alerts; raises as the hub's client does."""
        self._prepare()
        return tuple(self._alert(one.alert) for one in self._member.alerts(after=number).alerts)

    def customer_of(self, about: str) -> str | None:
        """Whose token this is by now."""
        return self._customer_of.get(Token(about))

    @property
    def known(self) -> int:
        """How many tokens of customers and accounts there are; it grows with every account that the bank gains."""
        return len(self._customer_of)

    def _alert(self, alert: Alert) -> BankAlert:
        """An alert is about the customer of its account; about its person only where no account is named.

        A warning on an account elsewhere names the person, too: what follows for accounts here comes as an alert of
        its own (derived). A claim names another bank's account and, as its person, a customer of this bank's.
        """
        of_person = alert.account is None or alert.kind is AlertKind.HOLDER_CLAIMED
        about = (alert.person if of_person else alert.account) or ""
        claimed = alert.account if alert.kind is AlertKind.HOLDER_CLAIMED else None
        return BankAlert(
            alert.n,
            alert.kind,
            alert.notice,
            self.customer_of(about),
            about,
            account=claimed or "",
            linked_by=alert.linked_by or "",
        )

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
        """Make the tokens of every customer and account that has none in the current epoch, and link them at the hub.

        A link that the hub refuses is tried again a minute later, and stops neither alerts nor other links: the bank
        hears of its customers whatever another bank claims.
        """
        epoch = self._connection.hub_keys().current_epoch
        with self._lock:
            if epoch != self._epoch:
                self._tokens, self._linked, self._refused, self._epoch = {}, set(), set(), epoch
            customers = self._customers()
            wanted = [subject for one in customers for subject in _subjects(one)]
            self._tokens.update(self._member.tokens([one for one in wanted if one not in self._tokens]))
            links: list[HeldAccount] = []
            for customer in customers:
                person, *accounts = (self._tokens[one] for one in _subjects(customer))
                self._customer_of.update(dict.fromkeys((person, *accounts), customer.key))
                links += [HeldAccount(account, person) for account in accounts]
                self._masked.update(
                    {str(token): kept.masked for token, kept in zip(accounts, customer.accounts, strict=True)}
                )
            new = [one for one in links if one not in self._linked and one not in self._refused]
            again = self._connection.now() >= self._refused_until
            self._link([*new, *self._refused] if again else new)

    def _link(self, links: Sequence[HeldAccount]) -> None:
        """All at once; where one is refused, by halves, so that it holds up no other."""
        if not links:
            return
        try:
            self._member.link_accounts(links)
        except Rejected as error:
            half = len(links) // 2
            if half:
                self._link(links[:half])
                self._link(links[half:])
                return
            self._refused.update(links)
            self._refused_until = self._connection.now() + LINK_AGAIN
            log_event(logger, "link_refused", level=logging.ERROR, failure=error)
            return
        self._linked.update(links)
        self._refused.difference_update(links)


def _subjects(customer: Customer) -> tuple[TokenSubject, ...]:
    """A customer's person first, then every account."""
    return (_person_of(customer), *(account_subject(one.canonical) for one in customer.accounts))


def _person_of(customer: Customer) -> TokenSubject:
    return person_subject(str(customer.nationality), customer.person_id)


def _person(text: str) -> TokenSubject:
    country, _, national_id = text.partition(":")
    return person_subject(country, national_id)
