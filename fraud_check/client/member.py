"""A member bank's way to the hub: tokens, its accounts, questions before an offer, handles, alerts, transfers."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from fraud_check.client.connection import HubConnection
from fraud_check.client.tokens import TokenMaker
from fraud_check.client.verdicts import SignedVerdict, read_verdict
from fraud_check.tokens import ConsortiumKey, TokenSubject
from passport.clock import to_epoch
from passport.errors import Malformed, Reason, Rejected, Unavailable
from passport.fraud import (
    AccountLink,
    AccountLinks,
    AccountQuestion,
    Alert,
    AlertPage,
    CauseGone,
    Check,
    Checked,
    CheckSession,
    CheckSessionRequest,
    HandleRegistration,
    HolderWord,
    QueryReport,
    Token,
    Trace,
    TraceRequest,
    TransferBatch,
    TransferCorrection,
    seal,
)
from passport.fraud.names import (
    ACCOUNTS_PATH,
    ALERT_TYP,
    ALERTS_PATH,
    CAUSE_GONE_PATH,
    CHECK_SESSIONS_PATH,
    CHECKS_PATH,
    CORRECTIONS_PATH,
    HANDLES_PATH,
    HOLDERS_PATH,
    MAX_LINKS,
    QUERIES_PATH,
    QUESTION_TYP,
    QUESTIONS_PATH,
    TRACE_PATH,
    TRANSFERS_PATH,
)
from passport.fraud.requests import Acknowledged, QuestionBody, VerdictBody
from passport.identifiers import Handle


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """An account that this bank keeps, and its holder, in tokens."""

    account: Token
    person: Token


@dataclass(frozen=True, slots=True)
class Recognised:
    """Of the bank's own accounts in a batch, how many there were and how many it had linked before.

    Nought of many is a batch under wrong names. Both are absent where the hub had the batch already.
    """

    accounts: int | None
    known: int | None


@dataclass(frozen=True, slots=True)
class ReceivedAlert:
    """An alert, checked, with the bytes that the hub signed."""

    alert: Alert
    signed: str


@dataclass(frozen=True, slots=True)
class ReceivedAlerts:
    """A piece of the stream without a gap; ``newest`` is the last number that there is."""

    alerts: tuple[ReceivedAlert, ...]
    newest: int


class MemberClient:
    """Everything a member bank says to the hub. Synchronous, safe to share among threads."""

    def __init__(self, connection: HubConnection, key: ConsortiumKey) -> None:
        self._hub = connection
        self._tokens = TokenMaker(connection, key)
        self._lock = threading.Lock()
        self._session: CheckSession | None = None

    def tokens(self, subjects: Sequence[TokenSubject]) -> Mapping[TokenSubject, Token]:
        """The tokens of accounts and persons in the current epoch, made without the hub seeing any of them.

        Raises:
            Rejected: a proof does not hold, or the quota is used up. Unavailable: the hub does not answer.
        """
        return self._tokens.make(subjects)

    def link_accounts(self, accounts: Sequence[HeldAccount]) -> Recognised:
        """Tell the hub which accounts this bank keeps and whose they are; again is safe.

        Raises:
            Rejected: NOT_AUTHORISED, another bank keeps one of them. Unavailable: the hub does not answer.
        """
        named = known = 0
        for at in range(0, len(accounts), MAX_LINKS):
            links = tuple(
                AccountLink(account=a.account, person=a.person) for a in accounts[at : at + MAX_LINKS]
            )
            said = self._hub.post(ACCOUNTS_PATH, AccountLinks(links=links), answer=Acknowledged, method="PUT")
            named, known = named + (said.accounts or 0), known + (said.known or 0)
        return Recognised(named, known)

    def ask_before_offer(
        self, *, accounts: Sequence[Token], person: Token, purpose: str = "issuance"
    ) -> SignedVerdict:
        """What is known about accounts and a person of this bank's, which it has linked before.

        Raises:
            Rejected: the hub refuses, e.g. NOT_AUTHORISED: not this bank's accounts.
            Unavailable: FRAUD_UNKNOWN, the hub could not be asked; an officer decides.
        """
        question = AccountQuestion(
            iss=str(self._hub.caller),
            aud=str(self._hub.hub),
            iat=to_epoch(self._hub.now()),
            jti=self._hub.new_id(),
            purpose=purpose,
            nonce=self._hub.nonce(),
            accounts=tuple(accounts),
            person=person,
        )
        signed = seal(question, typ=QUESTION_TYP, signer=self._hub.signer)
        try:
            body = self._hub.post(QUESTIONS_PATH, QuestionBody(question=signed), answer=VerdictBody)
        except Unavailable as error:
            raise Unavailable(Reason.FRAUD_UNKNOWN, f"the hub could not be asked: {error}") from error
        return read_verdict(self._hub, body.verdict, question=question, signed_question=signed)

    def register_handles(
        self,
        *,
        registration: str,
        handles: Sequence[Handle],
        accounts: Sequence[HeldAccount],
        expires_at: datetime,
    ) -> None:
        """Bind an offer's handles to its accounts, durably. The same ``registration`` again is safe.

        ``registration`` is 16 to 128 characters of letters, digits and ``_.:-``, such as the offer's id.

        Raises:
            Rejected: CONFLICT, a handle or the registration was used otherwise. Unavailable: no answer.
        """
        body = HandleRegistration(
            registration=registration,
            handles=tuple(handles),
            accounts=tuple(AccountLink(account=a.account, person=a.person) for a in accounts),
            expires_at=to_epoch(expires_at),
        )
        self._hub.post(HANDLES_PATH, body, answer=Acknowledged, method="PUT")

    def alerts(self, *, after: int) -> ReceivedAlerts:
        """The alerts of this bank's stream that follow number ``after`` (0: from the beginning), oldest first.

        Raises:
            Malformed, Rejected: the stream has a gap or an alert is not the hub's. Unavailable: no answer.
        """
        page = self._hub.get(f"{ALERTS_PATH}?after={after}", answer=AlertPage)
        received = tuple(
            ReceivedAlert(self._hub.open(signed, typ=ALERT_TYP, kind=Alert).message, signed)
            for signed in page.alerts
        )
        if [one.alert.n for one in received] != list(range(after + 1, after + 1 + len(received))):
            raise Rejected(Reason.CONFLICT, "expected alerts numbered without a gap")
        if page.newest < after or (not received and page.newest != after):
            raise Malformed("expected the stream's newest number to agree with its alerts")
        return ReceivedAlerts(received, page.newest)

    def cause_gone(self, *, person: Token, reference: str) -> None:
        """This bank verified that the cause of the person's derived status is gone; again is safe.

        Raises:
            Rejected: CONFLICT, a warning of the person is still in force. Unavailable: no answer.
        """
        self._hub.post(CAUSE_GONE_PATH, CauseGone(person=person, reference=reference), answer=Acknowledged)

    def confirm_holder(self, *, account: Token, person: Token, holds: bool, reference: str) -> None:
        """Answer a claim (``holder_claimed``): whether this bank's customer holds another bank's warned account; again is safe.

        With ``holds`` this bank's accounts of the person are derived from now on; only the police can correct it.

        Raises:
            Rejected: NOT_FOUND, no claim that this bank was told of; CONFLICT, it has confirmed before. Unavailable: no answer.
        """
        word = HolderWord(account=account, person=person, holds=holds, reference=reference)
        self._hub.post(HOLDERS_PATH, word, answer=Acknowledged)

    def send_transfers(self, batch: TransferBatch) -> Recognised:
        """Hand over transfers out of this bank's accounts; the same batch id again counts nothing twice.

        Raises:
            Rejected: NOT_AUTHORISED, an account is not this bank's; CONFLICT, the id was used otherwise.
            Unavailable: no answer.
        """
        said = self._hub.post(TRANSFERS_PATH, batch, answer=Acknowledged)
        return Recognised(said.accounts, said.known)

    def take_back(self, correction: TransferCorrection) -> None:
        """Take back transfers that this bank reported wrongly; once this returns, no answer counts them any more.

        Raises:
            Rejected: NOT_FOUND, not this bank's transfers; CONFLICT, taken back before. Unavailable: no answer.
        """
        self._hub.post(CORRECTIONS_PATH, correction, answer=Acknowledged)

    def queries(self, day: date) -> QueryReport:
        """What was asked about this bank's accounts on a UTC day.

        Raises:
            Rejected: not a member. Unavailable: no answer.
        """
        return self._hub.get(f"{QUERIES_PATH}?day={day.isoformat()}", answer=QueryReport)

    def check(self, account: Token, *, purpose: str = "monitoring") -> Checked:
        """Whether money from a warning account reached an account that this bank has linked: unsigned, as of now.

        Raises:
            Rejected: NOT_AUTHORISED, not this bank's account; LIMIT_EXCEEDED. Unavailable: no answer.
        """
        body = Check(account=account)
        session = self._opened(purpose)
        try:
            return self._hub.post_in_session(CHECKS_PATH, body, secret=session.secret, answer=Checked)
        except Rejected as refused:
            if refused.reason is not Reason.NOT_AUTHORISED:
                raise
        # A hub that was started anew knows no session of before; whoever may not ask is refused again.
        session = self._opened(purpose, instead_of=session)
        return self._hub.post_in_session(CHECKS_PATH, body, secret=session.secret, answer=Checked)

    def _opened(self, purpose: str, instead_of: CheckSession | None = None) -> CheckSession:
        with self._lock:
            now = to_epoch(self._hub.now())
            if self._session is None or self._session is instead_of or self._session.expires_at <= now:
                body = CheckSessionRequest(purpose=purpose)
                self._session = self._hub.post(CHECK_SESSIONS_PATH, body, answer=CheckSession)
            return self._session

    def trace(self, request: TraceRequest) -> Trace:
        """Follow the money from an account of this bank's that is under a notice: own accounts, and counts of others.

        Raises:
            Rejected: NOT_AUTHORISED, not this bank's account or no notice about it; LIMIT_EXCEEDED.
            Unavailable: no answer.
        """
        return self._hub.post(TRACE_PATH, request, answer=Trace)
