"""A verifier's way to the hub: one signed question about one presentation (design section 4, step 2)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from fraud_check.client.connection import HubConnection
from fraud_check.client.verdicts import SignedVerdict, read_verdict
from passport.clock import to_epoch
from passport.errors import PassportError, Reason, Unavailable
from passport.fraud import PresentationQuestion, seal
from passport.fraud.names import QUESTION_TYP, QUESTIONS_PATH
from passport.fraud.requests import QuestionBody, VerdictBody
from passport.jose import parse_compact
from passport.strict_json import as_object, loads


@dataclass(frozen=True, slots=True)
class PresentedProof:
    """What the hub is shown of a presentation: no disclosure, so nothing it could read but the handle.

    ``credential`` is the issuer-signed JWT alone (no ``~``); ``nonce`` is the request's, as the KB-JWT repeats it.
    """

    application: str
    purpose: str
    nonce: str
    credential: str
    kb_jwt: str


class VerifierClient:
    """Asks about presentations. Synchronous, safe to share among threads."""

    def __init__(self, connection: HubConnection, certificates: Sequence[bytes]) -> None:
        """``certificates`` is the chain (DER, leaf first) whose leaf's hash is the KB-JWT's audience."""
        self._hub = connection
        self._x5c = tuple(base64.b64encode(der).decode("ascii") for der in certificates)

    def question(self, proof: PresentedProof) -> str:
        """The signed question, to be kept: asking it again gets the same verdict, a second one is refused.

        Raises:
            PassportError: a member is not what the hub accepts.
        """
        question = PresentationQuestion(
            iss=str(self._hub.caller),
            aud=str(self._hub.hub),
            iat=to_epoch(self._hub.now()),
            jti=self._hub.new_id(),
            application=proof.application,
            purpose=proof.purpose,
            nonce=proof.nonce,
            credential=proof.credential,
            kb_jwt=proof.kb_jwt,
        )
        return seal(question, typ=QUESTION_TYP, signer=self._hub.signer, x5c=self._x5c)

    def ask(self, signed_question: str) -> SignedVerdict:
        """The hub's verdict on a question made by ``question``.

        Raises:
            Unavailable: FRAUD_UNKNOWN, whatever went wrong: unreachable, refused, or not answered properly. An error
                is never a class, so it is never a yes; the cause is kept for the log.
        """
        try:
            payload = as_object(loads(parse_compact(signed_question).unverified_payload))
            question = PresentationQuestion.read(payload)
            body = self._hub.post(QUESTIONS_PATH, QuestionBody(question=signed_question), answer=VerdictBody)
            return read_verdict(self._hub, body.verdict, question=question, signed_question=signed_question)
        except PassportError as error:
            raise Unavailable(Reason.FRAUD_UNKNOWN, f"the hub gave no verdict: {error}") from error
