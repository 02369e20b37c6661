"""A walk that takes long, batches and notices that wait for their turn: a verdict waits for none of them (T37)."""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from fraud_check.callers import KnownCaller
from fraud_check.client import HeldAccount
from fraud_check.flow import EngineFlow, milliseconds
from fraud_check.ports import TraceAnswer
from fraud_check.use_cases.answer_question import AnswerQuestion
from passport.clock import to_epoch
from passport.fraud import Token, TraceRequest, Transfer, TransferBatch, VerdictClass, seal
from passport.fraud.messages import Caller, Notice
from passport.fraud.names import (
    CALLER_TYP,
    NOTICE_TYP,
    NOTICES_PATH,
    QUESTIONS_PATH,
    TRACE_PATH,
    TRANSFERS_PATH,
    NoticeKind,
)
from passport.fraud.requests import NoticeBody, QuestionBody, VerdictBody
from passport.jose import b64u_encode
from passport.messages import Message
from passport.strict_json import dumps
from tests.simulators.hub_cast import Cast
from tests.simulators.hub_world import Participant

AT_ONCE = 60
"""More than a server has worker threads (anyio: 40)."""


class LongWalks(EngineFlow):
    """A graph whose walks end when they are told to."""

    def __init__(self) -> None:
        super().__init__()
        self.may_end, self.begun = threading.Event(), threading.Semaphore(0)

    def trace(self, account: Token, **asked: Any) -> TraceAnswer:
        self.begun.release()
        assert self.may_end.wait(60)
        return super().trace(account, **asked)


def request(cast: Cast, caller: Participant, path: str, body: Message) -> bytes:
    """A signed request as it goes over the wire."""
    world, content = cast.world, dumps(body.to_object())
    token = Caller(
        iss=str(caller.did),
        aud=str(world.identity.did),
        iat=to_epoch(world.clock.now()),
        jti=world.connection(caller).new_id(),
        htm="POST",
        htu=f"{world.base_url}{path}",
        body_sha256=b64u_encode(hashlib.sha256(content).digest()),
    )
    head = (
        f"POST {path} HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        f"Authorization: Bearer {seal(token, typ=CALLER_TYP, signer=caller.signer)}\r\n\r\n"
    )
    return head.encode() + content


@contextmanager
def under_way(cast: Cast, requests: list[bytes]) -> Iterator[list[socket.socket]]:
    """Send them all on connections of their own, and hang up at the end."""
    with ExitStack() as stack:
        address = cast.world.listener.getsockname()
        lines = [stack.enter_context(socket.create_connection(address)) for _ in requests]
        for line, one in zip(lines, requests, strict=True):
            line.sendall(one)
        time.sleep(1.0)
        yield lines


def nobody_was_answered(lines: list[socket.socket]) -> bool:
    for line in lines:
        line.setblocking(False)
        try:
            line.recv(1)
        except BlockingIOError:
            continue
        return False
    return True


def asked(cast: Cast) -> tuple[VerdictClass, VerdictClass]:
    """A verifier, a member and a check get their answers."""
    assert cast.bank_a.check(cast.lin_a).account == cast.lin_a
    before = cast.bank_a.ask_before_offer(accounts=[cast.lin_a], person=cast.lin).verdict
    return before.verdict_class, cast.ask().verdict.verdict_class


def test_what_a_warning_does_does_not_wait_for_a_storm_of_questions(
    offered: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Questions hang and more stand behind them: the police are heard, a bank reads its alerts, health answers."""
    cast, may_end, begun = offered, threading.Event(), threading.Semaphore(0)
    answer = AnswerQuestion.__call__

    def slowly(use_case: AnswerQuestion, caller: KnownCaller, signed: str) -> VerdictBody:
        begun.release()
        assert may_end.wait(60)
        return answer(use_case, caller, signed)

    monkeypatch.setattr(AnswerQuestion, "__call__", slowly)
    bodies = [QuestionBody(question=cast.question()) for _ in range(AT_ONCE)]
    requests = [request(cast, cast.x, QUESTIONS_PATH, body) for body in bodies]
    with under_way(cast, requests):
        assert begun.acquire(timeout=20)
        cast.warn()
        assert cast.bank_a.alerts(after=0).alerts
        cast.bank_a.link_accounts([HeldAccount(cast.lin_a, cast.lin)])
        for path in ("/health/live", "/health/ready"):
            with socket.create_connection(cast.world.listener.getsockname()) as line:
                line.sendall(f"GET {path} HTTP/1.1\r\nHost: hub\r\n\r\n".encode())
                assert b" 200 " in line.recv(64)
        may_end.set()


@pytest.fixture
def offered(cast: Cast) -> Cast:
    cast.offer()
    return cast


def test_a_verdict_does_not_wait_for_long_walks(offered: Cast) -> None:
    cast, walks = offered, LongWalks()
    walks.begin(cast.world.hub.rule)
    cast.world.hub.flow = walks
    cast.warn()
    walk = TraceRequest(account=cast.lin_a, taint_from=to_epoch(cast.world.clock.now()))
    requests = [request(cast, cast.a, TRACE_PATH, walk) for _ in range(AT_ONCE)]
    with under_way(cast, requests) as lines:
        assert walks.begun.acquire(timeout=20)
        assert asked(cast) == (VerdictClass.BLOCK, VerdictClass.BLOCK)
        assert nobody_was_answered(lines)
        walks.may_end.set()


def test_a_verdict_does_not_wait_for_transfers(offered: Cast) -> None:
    cast = offered
    now_ms = milliseconds(cast.world.clock.now())
    transfer = Transfer(
        id="transfer-0000000001", src=cast.lin_a, dst=cast.lin_b, at_ms=now_ms, amount_minor=1
    )
    batches = [TransferBatch(batch=f"bank-a-batch-{n:06d}", transfers=(transfer,)) for n in range(AT_ONCE)]
    requests = [request(cast, cast.a, TRANSFERS_PATH, batch) for batch in batches]
    with cast.world.hub.ingest, under_way(cast, requests) as lines:
        assert asked(cast) == (VerdictClass.CLEAR, VerdictClass.CLEAR)
        assert nobody_was_answered(lines)


def test_a_verdict_does_not_wait_for_notices(offered: Cast) -> None:
    cast, now = offered, offered.world.clock.now()

    def notice(n: int) -> NoticeBody:
        told = Notice(
            iss=str(cast.p.did),
            aud=str(cast.world.identity.did),
            iat=to_epoch(now),
            jti=f"notice-{n:012d}",
            kind=NoticeKind.WARN,
            case="165",
            account=cast.lin_a,
            effective_ms=int(now.timestamp() * 1000),
        )
        return NoticeBody(notice=seal(told, typ=NOTICE_TYP, signer=cast.p.signer))

    requests = [request(cast, cast.p, NOTICES_PATH, notice(n)) for n in range(AT_ONCE)]
    with cast.world.hub.turn, under_way(cast, requests) as lines:
        assert asked(cast) == (VerdictClass.CLEAR, VerdictClass.CLEAR)
        assert nobody_was_answered(lines)
