"""Tell a verifier *no*, because the wallet's owner agrees to tell (OpenID4VP 1.0 section 8.5).

``access_denied`` stands there for both: the person does not want to, and the wallet has nothing that answers. The
verifier hears the same in either case, and no description: why is nobody's but the owner's business. Where the
request asks for an encrypted answer the error is encrypted, too (section 8.3.1). Leaves out asking the owner: without
a word from them nothing is sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from holder.consent import Asked
from holder.ports import Clock, Pause, Web
from holder.remote.verifier_client import post_response
from holder.storage.records import RequestDeclined
from holder.storage.wallet_store import WalletStore
from holder.trust_gate import TrustGate
from holder.use_cases.persist import persist
from holder.use_cases.review_request import require_unexpired
from outbound import AnswerLost
from passport.errors import Reason, Rejected, Unavailable
from passport.openid4vp import (
    AuthorizationRequest,
    EncryptedResponse,
    ErrorCode,
    ErrorResponse,
    ResponseMode,
    write_response,
)


@dataclass(frozen=True, slots=True)
class DeclineRequest:
    """The use case, with what it needs."""

    gate: TrustGate
    store: WalletStore
    web: Web
    clock: Clock
    pause: Pause

    def __call__(self, asked: Asked) -> None:
        """Tell the verifier. Calling this is its owner's word that it may be told.

        Raises:
            Rejected: EXPIRED, VERIFIER_NOT_ACCREDITED any more, or the verifier did not take it.
            Unavailable: it was not told, or it is not known whether it was.
        """
        require_unexpired(asked, self.clock)
        self.gate.verifier(asked.request.verifier)
        body = error_body(asked.request.request)
        uri = asked.request.request.response_uri
        try:
            persist(lambda: post_response(self.web, uri, body), self.pause)
        except AnswerLost as lost:
            self._remember(asked, "unknown")
            raise Unavailable(
                lost.reason,
                "it is not known whether the verifier heard that you say no; nothing else was sent",
            ) from lost
        except Rejected:
            self._remember(asked, "refused")
            raise
        self._remember(asked, "delivered")

    def _remember(self, asked: Asked, outcome: Literal["delivered", "unknown", "refused"]) -> None:
        self.store.save(
            RequestDeclined(
                at=self.clock.now(),
                request_hash=asked.request_hash,
                verifier_did=asked.verifier_did,
                verifier_name=asked.verifier_name,
                purpose=asked.purpose,
                outcome=outcome,
            )
        )


def error_body(request: AuthorizationRequest) -> bytes:
    """The error as the request wants answers: in the clear, or for the verifier's key only."""
    said = ErrorResponse(error=ErrorCode.ACCESS_DENIED.value, state=request.state)
    if request.response_mode is ResponseMode.DIRECT_POST:
        return write_response(said)
    if request.client_metadata is None:
        raise Rejected(Reason.REQUEST_INVALID, "expected a key to encrypt the answer to")
    key, kid, enc = request.client_metadata.encryption()
    return EncryptedResponse.encrypt(said, recipient=key, kid=kid, enc=enc).to_form()
