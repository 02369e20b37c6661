"""The hub's routes. Each reads a strict message, runs one use case in a worker thread, and writes its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated, Final, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Query, Request, Response

from fraud_check.callers import KnownCaller
from fraud_check.checks import CheckSessions
from fraud_check.http.access import OpenSession, SignedCaller, known_caller, open_session
from fraud_check.hub import Hub
from fraud_check.token_epochs import require_usable_epochs
from fraud_check.use_cases.answer_question import AnswerQuestion
from fraud_check.use_cases.check_account import CheckAccount
from fraud_check.use_cases.confirm_holder import confirm_holder
from fraud_check.use_cases.describe_keys import describe_keys
from fraud_check.use_cases.end_derived import end_derived
from fraud_check.use_cases.evaluate_tokens import evaluate_tokens
from fraud_check.use_cases.link_accounts import link_accounts
from fraud_check.use_cases.read_alerts import read_alerts
from fraud_check.use_cases.read_queries import read_queries
from fraud_check.use_cases.register_handles import register_handles
from fraud_check.use_cases.take_back_transfers import take_back_transfers
from fraud_check.use_cases.take_notice import take_notice
from fraud_check.use_cases.take_transfers import take_transfers
from fraud_check.use_cases.trace_money import trace_money
from passport.fraud import (
    AccountLinks,
    CauseGone,
    Check,
    CheckSession,
    CheckSessionRequest,
    HandleRegistration,
    HolderWord,
    TraceRequest,
    TransferBatch,
    TransferCorrection,
)
from passport.fraud.names import (
    ACCOUNTS_PATH,
    ALERTS_PATH,
    CAUSE_GONE_PATH,
    CHECK_SESSIONS_PATH,
    CHECKS_PATH,
    CORRECTIONS_PATH,
    EVALUATE_PATH,
    HANDLES_PATH,
    HOLDERS_PATH,
    NOTICES_PATH,
    QUERIES_PATH,
    QUESTIONS_PATH,
    TRACE_PATH,
    TRANSFERS_PATH,
    WELL_KNOWN_PATH,
)
from passport.fraud.requests import Evaluation, NoticeBody, QuestionBody
from passport.messages import Message
from passport.strict_json import dumps
from service.access import OpenTo
from service.body_gate import json_of
from service.lanes import Lane

MAX_BODY: Final = 4 << 20
WALKS_AT_ONCE: Final = 2
BATCHES_AT_ONCE: Final = 2
TOLD_AT_ONCE: Final = 4
_MAX_CHECK: Final = 1024
"""A check is one token."""
_Asked = TypeVar("_Asked", bound=Message)


@dataclass(frozen=True, slots=True)
class HubRoutes:
    """What the routes need."""

    hub: Hub
    answer_question: AnswerQuestion
    access: SignedCaller
    sessions: CheckSessions


def hub_routers(parts: HubRoutes) -> tuple[APIRouter, ...]:
    """The open route, and the ones for participants."""
    hub = parts.hub
    everybody = APIRouter(dependencies=[Depends(OpenTo("the hub's public keys, signed"))])
    participants = APIRouter(dependencies=[Depends(parts.access)])

    @everybody.get(WELL_KNOWN_PATH)
    def keys() -> Response:
        return _written(describe_keys(hub))

    @participants.get(ALERTS_PATH)
    def alerts(request: Request, after: Annotated[int, Query(ge=0, le=2**53)] = 0) -> Response:
        return _written(read_alerts(hub, known_caller(request), after=after))

    @participants.get(QUERIES_PATH)
    def queries(request: Request, day: date) -> Response:
        return _written(read_queries(hub, known_caller(request), day))

    def add(
        path: str,
        kind: type[_Asked],
        act: Callable[[KnownCaller, _Asked], Message],
        method: str = "POST",
        lane: CapacityLimiter | None = None,
    ) -> None:
        async def route(request: Request) -> Response:
            caller, asked = known_caller(request), json_of(request)

            def answer() -> Response:
                message = kind.read(asked)
                require_usable_epochs(hub.epochs, message, at=hub.now())
                return _written(act(caller, message))

            return await to_thread.run_sync(answer, limiter=lane)

        participants.add_api_route(path, route, methods=[method])

    # What may take long, or waits for its turn, has few threads of its own: the others are the questions'.
    walks, ingest, telling = (
        CapacityLimiter(size) for size in (WALKS_AT_ONCE, BATCHES_AT_ONCE, TOLD_AT_ONCE)
    )
    answer = parts.answer_question
    add(QUESTIONS_PATH, QuestionBody, lambda caller, asked: answer(caller, asked.question))
    add(CHECK_SESSIONS_PATH, CheckSessionRequest, lambda caller, asked: _opened(parts, caller, asked))
    add(EVALUATE_PATH, Evaluation, lambda caller, asked: evaluate_tokens(hub, caller, asked), lane=walks)
    add(TRACE_PATH, TraceRequest, lambda caller, asked: trace_money(hub, caller, asked), lane=walks)
    add(TRANSFERS_PATH, TransferBatch, lambda caller, asked: take_transfers(hub, caller, asked), lane=ingest)
    add(
        CORRECTIONS_PATH,
        TransferCorrection,
        lambda caller, asked: take_back_transfers(hub, caller, asked),
        lane=ingest,
    )
    add(NOTICES_PATH, NoticeBody, lambda caller, asked: take_notice(hub, caller, asked.notice), lane=telling)
    add(CAUSE_GONE_PATH, CauseGone, lambda caller, asked: end_derived(hub, caller, asked), lane=telling)
    add(HOLDERS_PATH, HolderWord, lambda caller, asked: confirm_holder(hub, caller, asked), lane=telling)
    add(ACCOUNTS_PATH, AccountLinks, lambda caller, asked: link_accounts(hub, caller, asked), "PUT", telling)
    add(
        HANDLES_PATH,
        HandleRegistration,
        lambda caller, asked: register_handles(hub, caller, asked),
        "PUT",
        telling,
    )
    return everybody, participants


def _opened(parts: HubRoutes, caller: KnownCaller, asked: CheckSessionRequest) -> CheckSession:
    secret, expires_at = parts.sessions.open(caller, asked.purpose)
    return CheckSession(secret=secret, expires_at=expires_at)


def check_lane(parts: HubRoutes) -> Lane:
    """Checks of own accounts: answered on the spot where a look-up is enough, else in a worker thread."""
    check = CheckAccount(parts.hub, parts.sessions)

    async def check_account(request: Request) -> Response:
        session = open_session(request)
        asked = Check.read(json_of(request, max_bytes=_MAX_CHECK))
        at = parts.hub.now()
        require_usable_epochs(parts.hub.epochs, asked, at=at)
        answer = check.quickly(session, asked, at=at)
        if answer is None:
            answer = await to_thread.run_sync(partial(check.thoroughly, session, asked, at=at))
        return _written(answer)

    return Lane(CHECKS_PATH, OpenSession(parts.sessions, parts.hub.clock), check_account)


def _written(message: Message) -> Response:
    return Response(
        dumps(message.to_object()), media_type="application/json", headers={"Cache-Control": "no-store"}
    )
