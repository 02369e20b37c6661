"""Suspend, reinstate and revoke: change the record, publish on the ledger, serve the new list, then acknowledge.

Suspending takes one officer and is immediate; revoking, which nothing takes back, takes two people. What the police say
comes by the hub's stream and takes nobody here (``follow_alerts``). A warning or derived status suspends, which a lift
takes back; closing or impersonation revokes (domain notes, section 5). The wallet is told nothing; it reads the list
like everybody.
"""

from __future__ import annotations

from issuer.acts import Act, ActKind, Caller
from issuer.codes import Codes
from issuer.offer import BY_OPERATOR
from issuer.ports import CoreBanking, FraudCheck, StatusPublishing
from issuer.storage.credentials import CredentialStore
from issuer.storage.revocations import Revocation, RevocationState, RevocationStore
from issuer.storage.suspensions import Suspension, SuspensionStore
from passport.clock import Clock
from passport.errors import Malformed
from passport.fraud import AlertKind
from service.reasons import Why


class ChangeStatus:
    """The use cases of one officer alone."""

    def __init__(
        self,
        *,
        credentials: CredentialStore,
        suspensions: SuspensionStore,
        publishing: StatusPublishing,
        bank: CoreBanking,
        fraud_check: FraudCheck,
        codes: Codes,
        clock: Clock,
    ) -> None:
        self._bank = bank
        self._fraud_check = fraud_check
        self._credentials = credentials
        self._suspensions = suspensions
        self._publishing = publishing
        self._codes = codes
        self._clock = clock

    def suspend(self, customer: str, caller_id: str, why: Why) -> Suspension:
        """Suspend until somebody reinstates, and make no offer meanwhile; again is the same state and no second act.

        Raises:
            Rejected: NOT_FOUND, the bank knows no such customer.
        """
        self._require_known(customer)
        done = self._suspensions.suspend(customer, self._act(ActKind.SUSPEND, caller_id, why, customer))
        self._publishing.publish()
        return done

    def reinstate(self, customer: str, caller_id: str, why: Why) -> int:
        """End the bank's own suspension; how many copies are valid again. Not while another track holds.

        The bank's own system takes back only what it began itself and no officer has made their own.

        Raises:
            Rejected: NOT_FOUND; CONFLICT, no suspension of the bank's is in force, or another track holds; NOT_AUTHORISED,
                the system about an officer's.
        """
        self._require_known(customer)
        try:
            return self._suspensions.reinstate(
                customer, self._act(ActKind.REINSTATE, caller_id, why, customer)
            )
        finally:
            # Refused as well: who asks again may do so because the ledger did not take it the first time.
            self._publishing.publish()

    def cause_gone(self, customer: str, officer_id: str, why: Why) -> int:
        """End the derived status of a customer, whose cause the bank has verified to be gone.

        The hub hears it first, under a reference that says nothing: should it refuse or not answer, nothing has changed
        here.

        Raises:
            Rejected: NOT_FOUND, or CONFLICT while a warning of the person is in force. Unavailable: no hub.
        """
        known = self._bank.customer(customer)
        # A random name: the bank's own key of a customer may be a surname, and the hub keeps what it is sent.
        act = self._act(ActKind.CAUSE_GONE, officer_id, why, customer)
        self._fraud_check.cause_gone(f"{known.nationality}:{known.person_id}", self._codes.new_id())
        changed = self._credentials.end_tracks(customer, act.at, act=act, kind=AlertKind.DERIVED, always=True)
        self._publishing.publish()
        return changed

    def _require_known(self, customer: str) -> None:
        """Somebody in the books, or who was issued something: a bank abroad issues before there are books."""
        if self._credentials.issued_anything(customer):
            return
        self._bank.customer(customer)

    def _act(self, kind: ActKind, caller_id: str, why: Why, customer: str) -> Act:
        is_system = caller_id == BY_OPERATOR
        caller = Caller(BY_OPERATOR) if is_system else Caller.officer(self._bank.officer(caller_id))
        return Act(kind, caller, why, self._clock.now(), customer)


class RevokeCredentials:
    """The use cases that take two people."""

    def __init__(
        self,
        *,
        revocations: RevocationStore,
        credentials: CredentialStore,
        publishing: StatusPublishing,
        bank: CoreBanking,
        codes: Codes,
        clock: Clock,
    ) -> None:
        self._revocations = revocations
        self._credentials = credentials
        self._publishing = publishing
        self._bank = bank
        self._codes = codes
        self._clock = clock

    def ask(self, officer_id: str, why: Why, *, customer: str = "", credential_id: str = "") -> Revocation:
        """Ask for a revocation; it changes nothing before another person agrees.

        Raises:
            Malformed: neither or both are named. Rejected: NOT_FOUND; CONFLICT, another officer asked before.
        """
        if bool(customer) == bool(credential_id):
            raise Malformed("expected either customer or credential_id")
        caller, now = Caller.officer(self._bank.officer(officer_id)), self._clock.now()
        new = Revocation(
            self._codes.new_id(), customer, credential_id, why, caller, now, RevocationState.WAITING
        )
        return self._revocations.ask(
            new,
            Act(ActKind.ASK_REVOCATION, caller, why, now, self._whose(new), new.id),
        )

    def approve(self, revocation_id: str, officer_id: str, why: Why) -> Revocation:
        """Agree: revoke for good.

        Raises:
            Rejected: NOT_FOUND; NOT_AUTHORISED for who asked for it; CONFLICT when it waits no more.
        """
        done = self._settle(revocation_id, officer_id, why, agreed=True)
        self._publishing.publish()
        return done

    def decline(self, revocation_id: str, officer_id: str, why: Why) -> Revocation:
        """Do not agree.

        Raises:
            Rejected: NOT_FOUND; CONFLICT when it waits no more.
        """
        return self._settle(revocation_id, officer_id, why, agreed=False)

    def _settle(self, revocation_id: str, officer_id: str, why: Why, *, agreed: bool) -> Revocation:
        asked = self._revocations.get(revocation_id)
        caller = Caller.officer(self._bank.officer(officer_id))
        kind = ActKind.REVOKE if agreed else ActKind.DECLINE_REVOCATION
        act = Act(kind, caller, why, self._clock.now(), self._whose(asked), asked.id)
        return self._revocations.settle(revocation_id, act, agreed=agreed)

    def _whose(self, revocation: Revocation) -> str:
        """Whose credentials it is about; the store refuses a credential that there is not."""
        return revocation.customer or self._credentials.customer_of(revocation.credential_id)
