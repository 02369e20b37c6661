"""Bodies made to break parsers, properly signed, on every route of the hub: never a 5xx (T47); and who may call (T50)."""

from __future__ import annotations

import hashlib

import pytest

from fraud_check.wiring import hub_app
from passport.clock import to_epoch
from passport.errors import Reason
from passport.fraud import CheckSession, CheckSessionRequest, seal
from passport.fraud.messages import Caller
from passport.fraud.names import CALLER_TYP, CHECK_SESSIONS_PATH, CHECKS_PATH
from passport.jose import b64u_encode
from passport.strict_json import as_object, loads
from service.access import declared_access
from tests.simulators.hub_cast import Cast
from tests.simulators.plain_words import in_plain_words

TOKEN = b'"1.' + b"A" * 43 + b'"'
BODIES = {
    "nothing": b"",
    "not utf-8": b"\xff\xfe\x00",
    "nul": b"\x00" * 64,
    "null": b"null",
    "list": b"[]",
    "number": b"7",
    "open": b'{"batch"',
    "twice": b'{"notice":"a","notice":"b"}',
    "not a number": b'{"epoch":NaN}',
    "huge number": b'{"epoch":1' + b"0" * 400 + b"}",
    "deep": b'{"elements":' + b"[" * 5000 + b"]" * 5000 + b"}",
    "surrogate": b'{"reference":"\\ud800"}',
    "long text": b'{"question":"' + b"a" * 300_000 + b'"}',
    "many elements": b'{"epoch":1,"elements":[' + b",".join([b'"AA"'] * 20_000) + b"]}",
    "no group element": b'{"epoch":1,"elements":["' + b"_" * 43 + b'"]}',
    "epoch of tomorrow": b'{"epoch":9,"elements":["' + b"A" * 43 + b'"]}',
    "not signed": b'{"question":"a.b.c","notice":"a.b.c"}',
    "unknown person": b'{"person":' + TOKEN + b',"reference":"officer-0000000000001"}',
    "time before time": b'{"account":' + TOKEN + b',"taint_from":-9223372036854775809,"max_hops":3}',
    "endless walk": b'{"account":' + TOKEN + b',"taint_from":0,"max_hops":4294967296}',
    "negative amount": b'{"batch":"bank-a-batch-0001","transfers":[{"id":"transfer-00000001","src":'
    + TOKEN + b',"dst":' + TOKEN + b',"at_ms":1,"amount_minor":-1}]}',
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_no_signed_body_makes_the_hub_fail(cast: Cast, name: str) -> None:
    body, world = BODIES[name], cast.world
    written = [key for key in declared_access(hub_app(world.hub, {}).routes) if key[0] in {"POST", "PUT"}]
    assert len(written) == 12
    session = world.connection(cast.a).post(
        CHECK_SESSIONS_PATH, CheckSessionRequest(purpose="monitoring"), answer=CheckSession
    )
    for method, path in written:
        for who in (cast.a, cast.x, cast.p):
            url = f"{world.base_url}{path}"
            caller = Caller.model_validate(
                {
                    "iss": str(who.did),
                    "aud": str(world.identity.did),
                    "iat": to_epoch(world.clock.now()),
                    "jti": world.entropy.token(16).hex(),
                    "htm": method,
                    "htu": url,
                    "body_sha256": b64u_encode(hashlib.sha256(body).digest()),
                }
            )
            signed = seal(caller, typ=CALLER_TYP, signer=who.signer)
            token = session.secret if path == CHECKS_PATH else signed
            answer = world.http.send(method, url, body=body, headers={"Authorization": f"Bearer {token}"})
            assert 400 <= answer.status < 500, (path, answer.body)
            # Who it is was accepted: the body, or the role, is what was refused.
            assert answer.status != 401, path
            assert isinstance(as_object(loads(answer.body))["error"], str)
            assert b"Traceback" not in answer.body
            in_plain_words(str(as_object(loads(answer.body))["error_description"]))


def test_every_route_of_the_hub_declares_who_may_call(cast: Cast) -> None:
    declared = declared_access(hub_app(cast.world.hub, {}).routes)
    public = {path for (_, path), words in declared.items() if words.startswith("open:")}
    assert public == {"/.well-known/fraud-check", "/health/live", "/health/ready"}
    world = cast.world
    for method, path in declared:
        if path not in public:
            url = f"{world.base_url}{path}"
            answer = world.http.get(url) if method == "GET" else world.http.send(method, url, body=b"{}")
            assert (answer.status, as_object(loads(answer.body))["error"]) == (401, Reason.NOT_AUTHORISED)
