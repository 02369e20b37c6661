"""Bind an offer's handles to its accounts: one idempotent, durable call (domain section 6.4)."""

from __future__ import annotations

import hashlib

from sqlmodel import Session, col, select

from fraud_check.callers import KnownCaller
from fraud_check.hub import Hub
from fraud_check.storage.alerts import append_alerts
from fraud_check.storage.facts import microseconds
from fraud_check.storage.tables import HandleRow, RegistrationRow
from fraud_check.use_cases.link_accounts import alerts_of_links, new_links
from passport.clock import to_epoch
from passport.errors import Reason, Rejected
from passport.fraud import HandleRegistration
from passport.fraud.requests import Acknowledged
from passport.registry import Role
from passport.strict_json import canonical, dumps
from service import faults


def register_handles(hub: Hub, caller: KnownCaller, asked: HandleRegistration) -> Acknowledged:
    """Register handles, bound to the caller, every account of the proof, and the expiry.

    Raises:
        NotYours: not a member, or an account is another bank's. Rejected: EXPIRED; CONFLICT, the registration's id
            or a handle was used otherwise.
    """
    caller.require(Role.MEMBER)
    content_hash = hashlib.sha256(canonical(asked.to_object())).hexdigest()
    with hub.turn:
        now = hub.now()
        if _already(hub, caller, asked, content_hash):
            return Acknowledged(id=asked.registration, again=True)
        if asked.expires_at <= to_epoch(now):
            raise Rejected(Reason.EXPIRED, "expected handles that expire in the future")
        facts = new_links(hub, caller, asked.accounts, now)
        drafts = alerts_of_links(hub, facts, now)

        def write(session: Session) -> None:
            taken = session.exec(select(HandleRow).where(col(HandleRow.handle).in_(asked.handles))).first()
            if taken is not None:
                raise Rejected(Reason.CONFLICT, "expected handles that were never registered before")
            session.add(
                RegistrationRow(
                    issuer=caller.name,
                    id=asked.registration,
                    content_hash=content_hash,
                    accounts=dumps([link.account for link in asked.accounts]).decode(),
                    expires_at=asked.expires_at,
                    recorded_at_us=microseconds(now),
                )
            )
            for handle in asked.handles:
                session.add(HandleRow(handle=handle, issuer=caller.name, registration=asked.registration))
            append_alerts(session, drafts, now)

        hub.tell(facts, beside=write)
    faults.hit("handles.after_commit")
    return Acknowledged(id=asked.registration)


def _already(hub: Hub, caller: KnownCaller, asked: HandleRegistration, content_hash: str) -> bool:
    with hub.database.read() as session:
        known = session.get(RegistrationRow, (caller.name, asked.registration))
        if known is not None and known.content_hash != content_hash:
            raise Rejected(Reason.CONFLICT, "expected the same registration under its id")
        return known is not None
