"""Bind an offer's handles to its accounts: one idempotent, durable call (domain section 6.4)."""

from __future__ import annotations

from fraud_check.callers import KnownCaller
from fraud_check.hub import Hub
from fraud_check.storage.alerts import writes_alerts
from fraud_check.storage.registrations import registration_content, writes_registration
from fraud_check.use_cases.content import content_hash
from fraud_check.use_cases.link_accounts import alerts_of_links, count_own, new_links
from passport.clock import to_epoch
from passport.errors import Reason, Rejected
from passport.fraud import HandleRegistration
from passport.fraud.requests import Acknowledged
from passport.registry import Role
from service import faults


def register_handles(hub: Hub, caller: KnownCaller, asked: HandleRegistration) -> Acknowledged:
    """Register handles, bound to the caller, every account of the proof, and the expiry.

    Raises:
        NotYours: not a member, or an account is another bank's. Rejected: EXPIRED; CONFLICT, the registration's id
            or a handle was used otherwise.
    """
    caller.require(Role.MEMBER)
    content = content_hash(asked)
    with hub.turn:
        now = hub.now()
        if _already(hub, caller, asked, content):
            return Acknowledged(id=asked.registration, again=True)
        if asked.expires_at <= to_epoch(now):
            raise Rejected(Reason.EXPIRED, "expected handles that expire in the future")
        own = count_own(hub, caller, (link.account for link in asked.accounts))
        facts = new_links(hub, caller, asked.accounts, now)
        drafts = alerts_of_links(hub, facts, now)
        registration = writes_registration(asked, issuer=caller.name, content_hash=content, at=now)
        hub.tell(facts, registration, writes_alerts(drafts, now))
    faults.hit("handles.after_commit")
    return Acknowledged(id=asked.registration, accounts=own.accounts, known=own.known)


def _already(hub: Hub, caller: KnownCaller, asked: HandleRegistration, content: str) -> bool:
    known = registration_content(hub.database, caller.name, asked.registration)
    if known not in {None, content}:
        raise Rejected(Reason.CONFLICT, "expected the same registration under its id")
    return known is not None
