"""Reading a signed verdict: it answers this question, to this asker, and is fresh."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from fraud_check.client.connection import HubConnection
from passport.errors import Reason, Rejected
from passport.fraud import AccountQuestion, PresentationQuestion, Verdict
from passport.fraud.names import VERDICT_TYP
from passport.jose import b64u_encode, parse_compact


@dataclass(frozen=True, slots=True)
class SignedVerdict:
    """A verdict, checked, with the bytes that the hub signed."""

    verdict: Verdict
    signed: str


def question_hash(signed_question: str) -> str:
    """SHA-256 of the question's signing input (not of the string: ECDSA signatures are malleable)."""
    return b64u_encode(hashlib.sha256(parse_compact(signed_question).signing_input).digest())


def read_verdict(
    hub: HubConnection,
    signed: str,
    *,
    question: PresentationQuestion | AccountQuestion,
    signed_question: str,
) -> SignedVerdict:
    """Check the hub's answer.

    1. The hub's signature, its audience (the asker) and its age.
    2. It is not past its life, at most five minutes.
    3. It answers exactly this question: hash, purpose and nonce.

    Raises:
        Malformed, Rejected: one of the steps fails.
    """
    verdict = hub.open(signed, typ=VERDICT_TYP, kind=Verdict).message
    verdict.require_fresh(at=hub.now())
    application = question.application if isinstance(question, PresentationQuestion) else None
    expected = (question_hash(signed_question), question.purpose, question.nonce, application)
    if (verdict.question, verdict.purpose, verdict.nonce, verdict.application) != expected:
        raise Rejected(Reason.NONCE_MISMATCH, "expected a verdict on this question, got one on another")
    return SignedVerdict(verdict, signed)
