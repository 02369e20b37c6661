"""Revoke, suspend and reinstate: change the record, publish on the ledger, serve the new list, then acknowledge.

A warning or derived status suspends, which a lift takes back; closing or impersonation revokes, which nothing does
(domain notes, section 5). The wallet is told nothing; it reads the list like everybody.
"""

from __future__ import annotations

from issuer.codes import Codes
from issuer.ports import Customers, FraudCheck, StatusPublishing
from issuer.storage.credentials import CredentialStore, Track
from passport.clock import Clock
from passport.fraud import AlertKind


class ChangeStatus:
    """The use case."""

    def __init__(
        self,
        *,
        credentials: CredentialStore,
        publishing: StatusPublishing,
        customers: Customers,
        fraud_check: FraudCheck,
        codes: Codes,
        clock: Clock,
    ) -> None:
        self._customers = customers
        self._fraud_check = fraud_check
        self._credentials = credentials
        self._publishing = publishing
        self._clock = clock
        self._codes = codes

    def revoke(self, *, customer: str | None = None, credential_id: str | None = None, cause: str) -> int:
        """Revoke for good; how many copies.

        Raises:
            Rejected: NOT_FOUND.
        """
        changed = self._credentials.revoke(customer=customer, credential_id=credential_id, cause=cause)
        self._publishing.publish()
        return changed

    def suspend(self, customer: str, *, case_id: str, kind: str) -> int:
        """Suspend while a case lasts; how many copies."""
        track = Track(case_id, customer, kind, self._clock.now())
        changed = self._credentials.begin_track(track)
        self._publishing.publish()
        return changed

    def lift(self, customer: str, *, case_id: str) -> int:
        """End one case; how many copies are valid again, which is none while another case lasts."""
        changed = self._credentials.end_tracks(customer, self._clock.now(), case_id=case_id)
        self._publishing.publish()
        return changed

    def cause_gone(self, customer: str) -> int:
        """End the derived status of a customer, whose cause the bank has verified to be gone.

        The hub hears it first: should it refuse or not answer, nothing has changed here.

        Raises:
            Rejected: NOT_FOUND, or CONFLICT while a warning of the person is in force. Unavailable: no hub.
        """
        known = self._customers.customer(customer)
        now = self._clock.now()
        # A random name: the bank's own key of a customer may be a surname, and the hub keeps what it is sent.
        self._fraud_check.cause_gone(f"{known.nationality}:{known.person_id}", self._codes.new_id())
        changed = self._credentials.end_tracks(customer, now, kind=AlertKind.DERIVED)
        self._publishing.publish()
        return changed
