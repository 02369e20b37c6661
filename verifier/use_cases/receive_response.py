"""Receive what a wallet posts to ``response_uri`` (OpenID4VP 1.0 section 8.2; design section 4, step 1).

1. The transaction exists, is open and in time. A second POST is 409 whatever it holds, and says ``already_received``
   when its bytes are those of the first; it never starts a second check.
2. Size and shape. What cannot be read spends nothing, so the wallet may post again.
3. The transaction is spent, atomically and durably: from here on there is one answer.
4. The envelope. If it is bad the application is refused here; if it is good the wallet hears 200, the same for every
   good envelope, before and independently of what the next steps find. A wallet's error is received with 200, too: the
   application is refused, and the record keeps the wallet's code (``wallet_errors``).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from passport import strict_json
from passport.clock import Clock
from passport.errors import Malformed, Reason, Rejected
from passport.jose import DecryptionKey
from passport.openid4vp import (
    AuthorizationResponse,
    EncryptedResponse,
    ErrorResponse,
    ResponseMode,
    read_response,
)
from service import faults
from verifier.answers import Step
from verifier.application import Application, Phase, ReceivedResponse
from verifier.policies.reader import KnownPolicy
from verifier.ports import ApplicationStore, Bell, ChainView, Decisions, Transactions
from verifier.use_cases.check_envelope import EnvelopeDesk, check_envelope
from verifier.use_cases.decide import Decision, RecordKeeper, decline


@dataclass(frozen=True, slots=True)
class ResponseDesk:
    """What receiving needs."""

    applications: ApplicationStore
    transactions: Transactions
    policies: Mapping[str, KnownPolicy]
    chain: ChainView
    envelope: EnvelopeDesk
    keeper: RecordKeeper
    clock: Clock
    bell: Bell
    check_soon: Callable[[str], None]


def receive_response(desk: ResponseDesk, request_id: str, body: bytes) -> None:
    """Spend the transaction on this answer; returns only for a good envelope.

    Raises:
        Rejected: TRANSACTION_UNKNOWN, ALREADY_RECEIVED, TRANSACTION_CLOSED, EXPIRED, or why the envelope is bad.
        Malformed: the body cannot be read; nothing was spent.
        Unavailable: the ledger has never been seen; nothing was spent.
    """
    # 1. The transaction.
    application = desk.applications.by_request(request_id)
    digest = hashlib.sha256(body).digest()
    _require_open(application, digest)
    now = desk.clock.now()
    if now >= application.expires_at:
        expire(desk, application)
        raise Rejected(Reason.EXPIRED, "expected an answer before the request expired")
    # 2. Size and shape; and without a first look at the ledger nobody's envelope can be judged.
    _ = desk.chain.as_of
    response = _open(application, read_response(body))
    if isinstance(response, ErrorResponse):
        _require_state(application, response)
    # An answer to another request's key stays unopened, and nothing of it is kept.
    content = b"{}" if response is None else strict_json.dumps(response.to_object())
    # 3. Spend.
    received = ReceivedResponse(at=now.replace(microsecond=0), body_sha256=digest, content=content)
    if not desk.transactions.receive(application.id, received):
        _require_open(desk.applications.by_request(request_id), digest)
    faults.hit("verifier.after_received")
    spent = desk.applications.by_id(application.id)
    # 4. The envelope.
    try:
        check_envelope(spent, desk.policies[spent.policy], desk.envelope)
    except Malformed as error:
        unreadable = Rejected(Reason.MALFORMED, str(error))
        _refuse(desk, spent, unreadable)
        raise unreadable from error
    except Rejected as refusal:
        _refuse(desk, spent, refusal)
        if isinstance(response, ErrorResponse):
            return  # Well received (section 8.2): it was the answer that is an error, and not the POST.
        raise
    desk.check_soon(spent.id)


def expire(desk: ResponseDesk, application: Application) -> None:
    """Settle an application that no wallet answered in time."""
    _refuse(desk, application, Rejected(Reason.EXPIRED, "expected an answer before the request expired"))


def expire_overdue(desk: ResponseDesk, decisions: Decisions) -> None:
    """Settle every application whose time is over, and drop disclosed values that nobody read in time."""
    now = desk.clock.now()
    for application in decisions.overdue(now=now):
        expire(desk, application)
    decisions.forget_disclosed(now=now)


def _require_open(application: Application, digest: bytes) -> None:
    if application.phase is Phase.OPEN:
        return
    _closed(application, digest)


def _closed(application: Application, digest: bytes) -> NoReturn:
    received = application.received
    if received is not None and received.body_sha256 == digest:
        raise Rejected(Reason.ALREADY_RECEIVED, "this very answer was received before")
    raise Rejected(Reason.TRANSACTION_CLOSED, "expected a transaction that nothing has answered yet")


def _open(
    application: Application, response: AuthorizationResponse | EncryptedResponse | ErrorResponse
) -> AuthorizationResponse | ErrorResponse | None:
    """What was posted; nothing for an encrypted answer that is not for this request, which stays closed.

    Its key belongs to this one request (section 8.3), so an answer to another request's key is one that was meant
    for another transaction: the envelope refuses it. An error may come in the clear with either mode, since a wallet may
    be unable to encrypt (section 8.3.1).
    """
    encrypted = application.response_mode is ResponseMode.DIRECT_POST_JWT
    if isinstance(response, ErrorResponse):
        return response
    if isinstance(response, AuthorizationResponse):
        if encrypted:
            raise Malformed("expected an encrypted response, as the request asked for")
        return response
    if not encrypted or application.response_key is None:
        raise Malformed("expected a response that is not encrypted, as the request asked for")
    key = DecryptionKey.from_secret(application.request_id, application.response_key)
    try:
        return response.decrypt(key)
    except Rejected as error:
        if error.reason is not Reason.KEY_UNKNOWN:
            raise
        return None


def _require_state(application: Application, response: ErrorResponse) -> None:
    """An error ends the transaction and proves nothing else, so it must at least know the request; else it spends nothing.

    Raises:
        Malformed: it does not.
    """
    if not hmac.compare_digest((response.state or "").encode(), application.state.encode()):
        raise Malformed("expected the state of this request in an error response")


def _refuse(desk: ResponseDesk, application: Application, refusal: Rejected) -> None:
    policy = desk.policies.get(application.policy)
    settle(
        desk.transactions,
        desk.bell,
        application,
        decline(application, policy, (), step=Step.ENVELOPE, refusal=refusal, keeper=desk.keeper),
    )


def settle(transactions: Transactions, bell: Bell, application: Application, decision: Decision) -> None:
    """Write a decision, once; whoever waits for it is woken."""
    faults.hit("verifier.before_settled")
    transactions.settle(
        application.id,
        decision.settlement,
        disclosed=decision.disclosed,
        followed=decision.followed,
        event=decision.event,
    )
    bell.ring(application.result_id)
