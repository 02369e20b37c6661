"""Answer a signed question with a signed verdict, durably recorded before it is given.

The same signed question gets the same verdict; a second question with the same key-binding is refused. What is unknown
and what is clean look alike: one path, one shape, one size of answer.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from fraud_check.callers import KnownCaller
from fraud_check.errors import CallerRefused, NotYours
from fraud_check.evidence import evidence_for
from fraud_check.hub import Hub
from fraud_check.judge import Judgement
from fraud_check.presentations import PresentationCheck
from fraud_check.storage.facts import microseconds
from fraud_check.storage.query_log import REFUSED, QueryLine, subject_of, writes_query
from fraud_check.storage.questions import AnsweredQuestion, Handles, record_verdict, recorded_verdict
from fraud_check.token_epochs import require_usable_epochs
from passport.clock import to_epoch
from passport.errors import Malformed, Reason, Rejected
from passport.fraud import (
    AccountQuestion,
    Opened,
    PresentationQuestion,
    Token,
    Verdict,
    open_sealed,
    seal,
)
from passport.fraud.messages import Evidence
from passport.fraud.names import QUESTION_TYP, VERDICT_TYP
from passport.fraud.requests import VerdictBody
from passport.jose import b64u_encode, parse_compact
from passport.registry import Role
from passport.strict_json import as_object, loads
from service import faults

VERDICT_LASTS: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that may be answered."""

    message: PresentationQuestion | AccountQuestion
    hash: str
    accounts: tuple[Token, ...]
    person: Token | None
    key_binding: str | None
    about: str
    """The bank whose accounts it concerns."""
    subject: str


class AnswerQuestion:
    """Answers both kinds of question."""

    def __init__(self, hub: Hub, presentations: PresentationCheck) -> None:
        self._hub = hub
        self._presentations = presentations
        self._handles = Handles(hub.database)

    def __call__(self, caller: KnownCaller, signed: str) -> VerdictBody:
        """The verdict on a signed question.

        Raises:
            NotYours: the caller's role, or accounts that it does not keep. CallerRefused: another's question.
            Malformed, Rejected: it does not prove what it must; CONFLICT, its key-binding is spent;
            LIMIT_EXCEEDED. Never a class.
        """
        caller.require(Role.VERIFIER, Role.MEMBER)
        now = self._hub.now()
        self._hub.quotas.spend_question(caller.name, at=now)
        about = as_object(loads(parse_compact(signed).unverified_payload)).get("about")
        match about:
            case "presentation":
                return self._presentation(caller, signed)
            case "accounts":
                return self._accounts(caller, signed)
            case _:
                raise Malformed("expected a question about a presentation or about accounts")

    def _presentation(self, caller: KnownCaller, signed: str) -> VerdictBody:
        caller.require(Role.VERIFIER)
        hub = self._hub
        now = hub.now()
        opened = open_sealed(
            signed,
            typ=QUESTION_TYP,
            kind=PresentationQuestion,
            keys=hub.registry,
            audience=hub.identity.did,
            at=now,
        )
        question_hash = _own(caller, opened)
        try:
            consented = self._presentations.check(opened, at=now)
            accounts = self._accounts_of(consented.handle, str(consented.issuer), to_epoch(now))
        except (Malformed, Rejected):
            # A question that was answered keeps its answer, also when its consent has aged meanwhile.
            known = recorded_verdict(hub.database, question_hash)
            if known is None:
                raise
            return VerdictBody(verdict=known)
        return self._answer(
            caller,
            _Asked(
                message=opened.message,
                hash=question_hash,
                accounts=accounts,
                person=None,
                key_binding=consented.key_binding,
                about=str(consented.issuer),
                subject=subject_of(consented.handle),
            ),
        )

    def _accounts(self, caller: KnownCaller, signed: str) -> VerdictBody:
        caller.require(Role.MEMBER)
        hub = self._hub
        now = hub.now()
        opened = open_sealed(
            signed,
            typ=QUESTION_TYP,
            kind=AccountQuestion,
            keys=hub.registry,
            audience=hub.identity.did,
            at=now,
        )
        question_hash = _own(caller, opened)
        message = opened.message
        require_usable_epochs(hub.epochs, message, at=now)
        subject = subject_of(*message.accounts, message.person)
        own_person = bool(hub.book.holders.kept_for(message.person, caller.name))
        keepers = {hub.book.bank_of(one) or "" for one in message.accounts}
        if not own_person or keepers != {caller.name}:
            hub.quotas.alarm(caller.name, "foreign_account", at=now)
            about = next(iter(sorted(keepers - {caller.name, ""})), "")
            line = QueryLine(now, caller.name, "question", about, subject, REFUSED)
            hub.database.write(writes_query(line))
            raise NotYours("expected accounts and a person that this bank has linked")
        return self._answer(
            caller,
            _Asked(
                message=message,
                hash=question_hash,
                accounts=message.accounts,
                person=message.person,
                key_binding=None,
                about=caller.name,
                subject=subject,
            ),
        )

    def _accounts_of(self, handle: str, issuer: str, now: int) -> tuple[Token, ...]:
        found = self._handles.find(handle)
        if found is None or found.issuer != issuer or found.expires_at <= now:
            raise Rejected(Reason.NOT_FOUND, "expected a handle that this issuer registered")
        return found.accounts

    def _answer(self, caller: KnownCaller, asked: _Asked) -> VerdictBody:
        hub = self._hub
        faults.hit("question.mid_traversal")
        now = hub.now()
        judgement = hub.judge(asked.accounts, asked.person, at=now, bank=asked.about)
        evidence = () if asked.person is None else evidence_for(hub, caller, judgement)
        verdict = self._seal(caller, asked, judgement, evidence)

        answered = AnsweredQuestion(asked.hash, caller.name, asked.key_binding, verdict, microseconds(now))
        answer = judgement.verdict_class.value
        line = QueryLine(now, caller.name, "question", asked.about, asked.subject, answer)

        recorded = record_verdict(hub.database, answered, beside=writes_query(line))
        faults.hit("question.after_commit")
        return VerdictBody(verdict=recorded)

    def _seal(
        self, caller: KnownCaller, asked: _Asked, judgement: Judgement, evidence: tuple[Evidence, ...]
    ) -> str:
        hub, message = self._hub, asked.message
        now = to_epoch(hub.now())
        verdict = Verdict(
            iss=str(hub.identity.did),
            aud=caller.name,
            iat=now,
            exp=now + int(VERDICT_LASTS.total_seconds()),
            jti=hub.new_id(),
            question=asked.hash,
            purpose=message.purpose,
            nonce=message.nonce,
            verdict_class=judgement.verdict_class,
            as_of=now,
            rule=judgement.rule,
            depth=judgement.depth,
            truncated=judgement.truncated,
            application=message.application if isinstance(message, PresentationQuestion) else None,
            evidence=evidence,
        )
        return seal(verdict, typ=VERDICT_TYP, signer=hub.identity.signer)


def _own(caller: KnownCaller, opened: Opened[PresentationQuestion] | Opened[AccountQuestion]) -> str:
    """The question's hash, if its signer is its sender."""
    if opened.signer != caller.did:
        raise CallerRefused("expected a question signed by its sender")
    return b64u_encode(hashlib.sha256(opened.signing_input).digest())
