"""The police's way to the hub: tokens like a bank's, and signed notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from fraud_check.client.connection import HubConnection
from fraud_check.client.tokens import TokenMaker
from fraud_check.tokens import ConsortiumKey, TokenSubject
from passport.clock import to_epoch
from passport.fraud import HolderWord, Notice, NoticeForm, NoticeKind, Token, seal
from passport.fraud.names import HOLDERS_PATH, NOTICE_TYP, NOTICES_PATH
from passport.fraud.requests import Acknowledged, NoticeBody

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class NoticeDraft:
    """A notice before it is signed. ``id`` (16 to 128 characters) makes sending it again safe."""

    id: str
    kind: NoticeKind
    case: str
    effective: datetime
    account: Token | None = None
    person: Token | None = None
    taint_from: datetime | None = None
    form: NoticeForm = NoticeForm.DOCUMENT
    concerns: str | None = None
    until: datetime | None = None


class PoliceClient:
    """Lists, extends and releases. Synchronous, safe to share among threads."""

    def __init__(self, connection: HubConnection, key: ConsortiumKey) -> None:
        self._hub = connection
        self._tokens = TokenMaker(connection, key)

    def tokens(self, subjects: Sequence[TokenSubject]) -> Mapping[TokenSubject, Token]:
        """The tokens of accounts and persons; raises as ``MemberClient.tokens``."""
        return self._tokens.make(subjects)

    def notify(self, draft: NoticeDraft) -> bool:
        """Send a notice; once this returns, the hub's verdicts follow it. True if the hub had it already.

        Raises:
            Rejected: NOT_AUTHORISED, CONFLICT, or the tracks' rules refuse it. Unavailable: no answer.
        """
        notice = Notice(
            iss=str(self._hub.caller),
            aud=str(self._hub.hub),
            iat=to_epoch(self._hub.now()),
            jti=draft.id,
            kind=draft.kind,
            case=draft.case,
            account=draft.account,
            person=draft.person,
            taint_from=None if draft.taint_from is None else to_epoch(draft.taint_from),
            effective_ms=(draft.effective - _EPOCH) // timedelta(milliseconds=1),
            form=draft.form,
            concerns=draft.concerns,
            until=None if draft.until is None else to_epoch(draft.until),
        )
        signed = seal(notice, typ=NOTICE_TYP, signer=self._hub.signer)
        return self._hub.post(NOTICES_PATH, NoticeBody(notice=signed), answer=Acknowledged).again

    def confirm_holder(self, *, account: Token, person: Token, holds: bool, reference: str) -> None:
        """Say whose an account is or is not, whatever banks have said; from then on it counts for everybody.

        Raises:
            Rejected: NOT_AUTHORISED. Unavailable: no answer.
        """
        word = HolderWord(account=account, person=person, holds=holds, reference=reference)
        self._hub.post(HOLDERS_PATH, word, answer=Acknowledged)
