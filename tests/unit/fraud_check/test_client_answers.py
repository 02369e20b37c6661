"""A hub that misbehaves: whatever it answers, the client believes nothing that it cannot check."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from fraud_check.client import HubConnection, MemberClient, PresentedProof, VerifierClient
from passport.errors import Malformed, PassportError, Reason, Rejected, Unavailable
from passport.fraud.requests import Acknowledged, Evaluated, HubKeysBody
from passport.jose import b64u_encode
from passport.messages import Message
from passport.strict_json import dumps
from tests.simulators.hub_cast import HANDLE, LIN_A, Cast
from tests.simulators.hub_world import KEY, NONCE


@dataclass
class Scripted:
    """Answers each path with what a test says."""

    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    url: str = ""

    def say(self, path: str, status: int, body: Message | bytes) -> None:
        self.answers[path] = (status, body if isinstance(body, bytes) else dumps(body.to_object()))


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            status, body = script.answers[self.path.partition("?")[0]]
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield script
    server.shutdown()
    server.server_close()
    thread.join()


def connection(cast: Cast, scripted: Scripted) -> HubConnection:
    world = cast.world
    return HubConnection(
        base_url=scripted.url,
        hub=world.identity.did,
        caller=cast.a.did,
        signer=cast.a.signer,
        http=world.http,
        keys=world.registry,
        clock=world.clock,
        entropy=world.entropy,
    )


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (500, b'{"error":"internal_error"}', Unavailable, Reason.UPSTREAM_UNAVAILABLE),
        (503, b'{"error":"upstream_unavailable"}', Unavailable, Reason.UPSTREAM_UNAVAILABLE),
        (502, b"<html>", Unavailable, Reason.UPSTREAM_UNAVAILABLE),
        (403, b"[]", Unavailable, Reason.UPSTREAM_UNAVAILABLE),
        (403, b'{"error":"not_authorised"}', Rejected, Reason.NOT_AUTHORISED),
        (400, b'{"error":"a code of tomorrow"}', Rejected, Reason.REQUEST_INVALID),
        (200, b'{"id":"short"}', Malformed, None),
        (200, b'{"id":"a","id":"b"}', Malformed, None),
        (200, b"", Malformed, None),
    ],
)
def test_each_answer_becomes_one_kind_of_error(  # noqa: PLR0917 - a table's columns
    cast: Cast, scripted: Scripted, status: int, body: bytes, kind: type[PassportError], reason: Reason | None
) -> None:
    scripted.say("/v1/cause-gone", status, body)
    member = MemberClient(connection(cast, scripted), KEY)
    with pytest.raises(kind) as refused:
        member.cause_gone(person=cast.lin, reference="officer-0000000000001")
    assert getattr(refused.value, "reason", None) is reason


def test_tokens_are_not_made_with_a_key_that_the_hub_did_not_use(cast: Cast, scripted: Scripted) -> None:
    honest = cast.world.connection(cast.a)
    keys = honest.get("/.well-known/fraud-check", answer=HubKeysBody)
    scripted.say("/.well-known/fraud-check", 200, keys)
    member = MemberClient(connection(cast, scripted), KEY)
    element = b64u_encode(cast.world.hub.epochs.key(1, at=cast.world.clock.now()).public_key)
    lie = Evaluated(epoch=1, elements=(element,), proof=b64u_encode(bytes(64)))
    scripted.say("/v1/tokens/evaluate", 200, lie)
    with pytest.raises(Rejected) as refused:
        member.tokens([LIN_A])
    assert refused.value.reason is Reason.SIGNATURE_INVALID
    scripted.say("/v1/tokens/evaluate", 200, lie.model_copy(update={"epoch": 2}))
    with pytest.raises(Malformed):
        member.tokens([LIN_A])


def test_keys_of_an_impostor_or_of_yesterday_are_refused(cast: Cast, scripted: Scripted) -> None:
    keys = cast.world.connection(cast.a).get("/.well-known/fraud-check", answer=HubKeysBody)
    scripted.say("/.well-known/fraud-check", 200, keys)
    cast.world.clock.moved = timedelta(minutes=6)
    with pytest.raises(Rejected) as old:
        connection(cast, scripted).hub_keys()
    assert old.value.reason is Reason.EXPIRED
    scripted.say("/.well-known/fraud-check", 200, Acknowledged(id="a" * 22))
    with pytest.raises(Malformed):
        connection(cast, scripted).hub_keys()


def test_no_tokens_are_asked_for_nothing(cast: Cast, scripted: Scripted) -> None:
    assert MemberClient(connection(cast, scripted), KEY).tokens([]) == {}


def test_a_verdict_on_another_question_is_could_not_tell(cast: Cast, scripted: Scripted) -> None:
    cast.offer()
    world = cast.world
    other = dumps({"verdict": cast.ask().signed})
    scripted.say("/v1/questions", 200, other)
    shown = world.presented(cast.a, cast.x, HANDLE)
    redirected = HubConnection(
        base_url=scripted.url,
        hub=world.identity.did,
        caller=cast.x.did,
        signer=cast.x.signer,
        http=world.http,
        keys=world.registry,
        clock=world.clock,
        entropy=world.entropy,
    )
    client = VerifierClient(redirected, [cast.x.certificate])
    proof = PresentedProof("application-1", "account-opening", NONCE, shown.credential, shown.kb_jwt)
    with pytest.raises(Unavailable) as refused:
        client.ask(client.question(proof))
    assert refused.value.reason is Reason.FRAUD_UNKNOWN
    assert isinstance(refused.value.__cause__, Rejected)
    assert refused.value.__cause__.reason is Reason.NONCE_MISMATCH


def test_a_stream_with_a_gap_is_refused(cast: Cast, scripted: Scripted) -> None:
    cast.offer()
    cast.warn()
    cast.lift()
    second = cast.bank_a.alerts(after=1).alerts[0].signed
    member = MemberClient(connection(cast, scripted), KEY)
    scripted.say("/v1/alerts", 200, dumps({"alerts": [second], "newest": 2}))
    with pytest.raises(Rejected) as refused:
        member.alerts(after=0)
    assert refused.value.reason is Reason.CONFLICT
    scripted.say("/v1/alerts", 200, dumps({"alerts": [], "newest": 2}))
    with pytest.raises(Malformed):
        member.alerts(after=0)
    with pytest.raises(Malformed):
        member.alerts(after=5)
