"""Take a notice of the police: durable, in force and on every member's stream before it is acknowledged."""

from __future__ import annotations

from fraud_check.alerts import HOLDER_UNCLEAR, broadcast, holder_alert, moment_of
from fraud_check.callers import KnownCaller
from fraud_check.errors import CallerRefused
from fraud_check.following import alerts_that_follow
from fraud_check.hub import Hub
from fraud_check.storage.alerts import AlertDraft, writes_alerts
from fraud_check.storage.notices import notice_content, writes_notice
from fraud_check.token_epochs import require_usable_epochs
from fraud_check.tracks import (
    AdmonitionGiven,
    DocumentArrived,
    EarmarkPlaced,
    Fact,
    ImpersonationFound,
    WarningExtended,
    WarningLifted,
    WarningListed,
)
from fraud_check.use_cases.content import content_hash
from passport.clock import from_epoch
from passport.errors import Malformed, Reason, Rejected
from passport.fraud import Notice, NoticeKind, Token, open_sealed
from passport.fraud.names import NOTICE_TYP
from passport.fraud.requests import Acknowledged
from passport.registry import Role
from service import faults


def take_notice(hub: Hub, caller: KnownCaller, signed: str) -> Acknowledged:
    """Take a signed notice. The same id with the same content again is acknowledged again.

    1. The caller is accredited as police, and signed the notice itself.
    2. Its id was not used for other content.
    3. The tracks' rules allow it now.
    4. Notice, facts and alerts become durable together; then it is in force.

    Raises:
        NotYours: not the police. Malformed, Rejected: as ``open_sealed``; CONFLICT; the rules' own reasons.
    """
    caller.require(Role.POLICE)
    notice = open_sealed(
        signed,
        typ=NOTICE_TYP,
        kind=Notice,
        keys=hub.registry,
        audience=hub.identity.did,
        at=hub.now(),
    ).message
    if notice.iss != caller.name:
        raise CallerRefused("expected a notice signed by its sender")
    require_usable_epochs(hub.epochs, notice, at=hub.now())
    # The time of sending may differ when a notice is sent again.
    content = content_hash(notice, without=frozenset({"iat"}))
    with hub.turn:
        if _already(hub, notice, content):
            return Acknowledged(id=notice.jti, again=True)
        now = hub.now()
        fact = _fact_of(notice, hub)
        drafts = _alerts_of(hub, notice, fact)
        kept = writes_notice(signer=notice.iss, id_=notice.jti, content_hash=content, signed=signed, at=now)
        hub.tell([fact], kept, writes_alerts(drafts, now), lambda _: faults.hit("notice.before_commit"))
    faults.hit("notice.after_commit")
    return Acknowledged(id=notice.jti)


def _already(hub: Hub, notice: Notice, content: str) -> bool:
    known = notice_content(hub.database, notice.iss, notice.jti)
    if known is None and hub.book.warning(notice.jti) is not None:
        raise Rejected(Reason.CONFLICT, "expected an id that no other notice has")
    if known not in {None, content}:
        raise Rejected(Reason.CONFLICT, "expected the same notice under its id")
    return known is not None


def _needed(value: Token | None) -> Token:
    if value is None:  # pragma: no cover - the message refuses such a notice
        raise Malformed("expected a notice that names what its kind needs")
    return value


def _fact_of(notice: Notice, hub: Hub) -> Fact:  # noqa: PLR0911 - one answer for each kind of notice
    now, effective, about = hub.now(), moment_of(notice), notice.concerns or ""
    match notice.kind:
        case NoticeKind.WARN:
            return WarningListed(
                id=notice.jti,
                notifier=notice.iss,
                account=_needed(notice.account),
                case=notice.case,
                effective=effective,
                recorded_at=now,
                person=notice.person,
                taint_from=None if notice.taint_from is None else from_epoch(notice.taint_from),
                form=notice.form,
                confirms=notice.concerns,
            )
        case NoticeKind.EXTEND:
            until = from_epoch(notice.until or 0)
            return WarningExtended(notice.jti, notice.iss, about, until, effective, now)
        case NoticeKind.LIFT:
            return WarningLifted(notice.jti, notice.iss, about, effective, now)
        case NoticeKind.DOCUMENT:
            return DocumentArrived(notice.jti, about, effective, now)
        case NoticeKind.IMPERSONATED:
            return ImpersonationFound(notice.jti, _needed(notice.account), notice.case, effective, now)
        case NoticeKind.ADMONISH:
            return AdmonitionGiven(notice.jti, _needed(notice.person), notice.case, effective, now)
        case NoticeKind.EARMARK:
            return EarmarkPlaced(notice.jti, _needed(notice.account), notice.case, effective, now)


def _alerts_of(hub: Hub, notice: Notice, fact: Fact) -> list[AlertDraft]:
    now = fact.recorded_at
    about = hub.book.warning(notice.concerns) if notice.concerns else None
    warning = about if notice.kind in {NoticeKind.EXTEND, NoticeKind.LIFT} else None
    told = broadcast(notice, warning, now)
    drafts = [] if told is None else [told]
    if isinstance(fact, WarningListed):
        holders = [link.person for link in hub.book.holders.of(fact.account)]
        persons = holders if fact.person is None else [*holders, fact.person]
        # A notice may take effect a moment from now; its banks hear of it now.
        at = max(now, fact.effective)
        drafts.extend(alerts_that_follow(hub, [fact], persons, at=at, now=now))
        bank = hub.book.bank_of(fact.account)
        if bank is not None and hub.book.holder_unclear(fact):
            hub.quotas.alarm(bank, HOLDER_UNCLEAR, at=now)
            drafts.append(holder_alert(fact, bank, now))
    return drafts
