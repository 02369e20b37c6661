"""What a request's token must be: of this caller, for this request, now, and once (threat T38)."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from fraud_check.callers import CallerCheck, SpentTokens
from fraud_check.errors import CallerRefused
from fraud_check.storage.spent import spent_tokens
from outbound import HttpAnswer
from passport.clock import to_epoch
from passport.errors import Reason, Rejected
from passport.fraud import VerdictClass, seal
from passport.fraud.messages import Caller
from passport.fraud.names import CALLER_TYP, QUESTIONS_PATH
from passport.fraud.requests import QuestionBody
from passport.jose import b64u_encode
from passport.strict_json import dumps
from tests.simulators.hub_cast import Cast


def send(cast: Cast, question: str, **changes: object) -> HttpAnswer:
    world, body = cast.world, dumps(QuestionBody(question=question).to_object())
    url = f"{world.base_url}{QUESTIONS_PATH}"
    members: dict[str, object] = {
        "iss": str(cast.x.did),
        "aud": str(world.identity.did),
        "iat": to_epoch(world.clock.now()),
        "jti": "j" * 22,
        "htm": "POST",
        "htu": url,
        "body_sha256": b64u_encode(hashlib.sha256(body).digest()),
    }
    token = seal(Caller.model_validate(members | changes), typ=CALLER_TYP, signer=cast.x.signer)
    return world.http.send("POST", url, body=body, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "did:ethr:0x7a69:0x" + "9" * 40},
        {"iat": 1},
        {"htm": "PUT"},
        {"htu": "http://127.0.0.1/v1/notices"},
        {"body_sha256": "A" * 43},
        {"iss": "did:ethr:0x7a69:0x" + "9" * 40},
    ],
)
def test_a_token_for_something_else_is_401(cast: Cast, changes: dict[str, object]) -> None:
    cast.offer()
    answer = send(cast, cast.question(), **changes)
    assert answer.status == 401
    assert b'"error":"not_authorised"' in answer.body


ADDRESS = "http://hub.test"


@pytest.mark.parametrize(
    ("claimed", "ours", "same"),
    [
        (f"HTTP://HUB.test:80{QUESTIONS_PATH}", f"{ADDRESS}{QUESTIONS_PATH}", True),
        (f"{ADDRESS}/v1/./alerts?after=1", f"{ADDRESS}/v1/alerts?after=1", True),
        (f"{ADDRESS}/v1/%61lerts?after=1", f"{ADDRESS}/v1/alerts?after=1", True),
        (f"{ADDRESS}/v1/alerts?after=%31", f"{ADDRESS}/v1/alerts?after=1", False),
        (f"{ADDRESS}/v1/alerts?after=2", f"{ADDRESS}/v1/alerts?after=1", False),
        (f"{ADDRESS}/v1/alerts", f"{ADDRESS}/v1/alerts?after=1", False),
        (f"{ADDRESS}/v1/alerts?", f"{ADDRESS}/v1/alerts", False),
        (f"{ADDRESS}/v1/alerts#x", f"{ADDRESS}/v1/alerts", False),
        (f"{ADDRESS}/v1/alerts#?after=1", f"{ADDRESS}/v1/alerts?after=1", False),
        (f"{ADDRESS}/v1/Alerts", f"{ADDRESS}/v1/alerts", False),
        (f"{ADDRESS}/v1/alerts/", f"{ADDRESS}/v1/alerts", False),
        (f"{ADDRESS}:81/v1/alerts", f"{ADDRESS}/v1/alerts", False),
        ("https://hub.test/v1/alerts", f"{ADDRESS}/v1/alerts", False),
        ("http://x@hub.test/v1/alerts", f"{ADDRESS}/v1/alerts", False),
        ("v1/alerts", f"{ADDRESS}/v1/alerts", False),
    ],
)
def test_an_address_is_a_value_and_its_query_is_exact(
    cast: Cast, claimed: str, ours: str, *, same: bool
) -> None:
    """Two spellings of one address are one (RFC 3986 section 6.2.2), so an honest client is not refused for its own."""
    world, body = cast.world, b"{}"
    target = ours.removeprefix(ADDRESS)
    check = CallerCheck(
        hub=world.identity.did,
        base_url=ADDRESS,
        registry=world.registry,
        clock=world.clock,
        spent=SpentTokens(world.hub.database, world.clock.now()),
    )
    caller = Caller.model_validate(
        {
            "iss": str(cast.x.did),
            "aud": str(world.identity.did),
            "iat": to_epoch(world.clock.now()),
            "jti": "j" * 22,
            "htm": "GET",
            "htu": claimed,
            "body_sha256": b64u_encode(hashlib.sha256(body).digest()),
        }
    )
    token = seal(caller, typ=CALLER_TYP, signer=cast.x.signer)
    if same:
        assert check.check(token, method="GET", target=target, body=body).did == cast.x.did
    else:
        with pytest.raises(CallerRefused, match="method, target and body"):
            check.check(token, method="GET", target=target, body=body)


def test_a_token_is_spent_once(cast: Cast) -> None:
    cast.offer()
    question = cast.question()
    assert send(cast, question).status == 200
    assert send(cast, question).status == 401
    assert send(cast, question, jti="k" * 22).status == 200


def test_who_has_no_role_fills_nothing(cast: Cast) -> None:
    cast.offer()
    question = cast.question()
    registry = cast.world.registry
    registry.listed = [grant for grant in registry.listed if grant.participant != cast.x.did.address]
    cast.world.restart()
    before = spent_tokens(cast.world.hub.database, 0)
    for number in range(3):
        assert send(cast, question, jti=f"{number:022d}").status == 403
    cast.world.hub.database.settle()
    assert spent_tokens(cast.world.hub.database, 0) == before


def test_a_token_stays_spent_across_a_restart_and_is_forgotten_when_too_old(cast: Cast) -> None:
    cast.offer()
    question = cast.question()
    assert send(cast, question).status == 200
    cast.world.restart()
    assert send(cast, question).status == 401
    assert send(cast, question, jti="k" * 22).status == 200

    database = cast.world.hub.database
    now = cast.world.clock.now()
    assert spent_tokens(database, to_epoch(now))
    spent = SpentTokens(database, now)
    # Five minutes, and a minute of leeway on either side.
    late = now + timedelta(minutes=7, seconds=1)
    spent.forget(at=now)
    assert spent_tokens(database, to_epoch(now))
    spent.forget(at=late)
    assert spent_tokens(database, 0) == []


def test_a_caller_that_sends_too_much_shuts_out_itself_alone(cast: Cast) -> None:
    """What is remembered is bounded for each caller: nobody uses up what another one needs."""
    now = cast.world.clock.now()
    spent = SpentTokens(cast.world.hub.database, now, limit_each=3)
    for number in range(3):
        spent.spend("bank a", f"{number:022d}", at=now)
    with pytest.raises(Rejected) as refused:
        spent.spend("bank a", "x" * 22, at=now)
    assert refused.value.reason is Reason.LIMIT_EXCEEDED
    spent.spend("bank b", "x" * 22, at=now)
    spent.spend("bank a", "y" * 22, at=now + timedelta(minutes=7, seconds=1))


@pytest.mark.parametrize("text", ["handle\x00" + "h" * 22, "\x00" * 22])
def test_text_that_a_database_cannot_hold_is_refused_and_no_fault(cast: Cast, text: str) -> None:
    """The handle is what an issuer signed, and an accredited one may be hostile: it is looked up as it comes."""
    cast.offer()
    answer = send(cast, cast.question(cast.world.presented(cast.a, cast.x, text)))
    assert answer.status in {400, 404}, answer.body
    assert b"internal_error" not in answer.body
    assert cast.ask().verdict.verdict_class is VerdictClass.CLEAR


@pytest.mark.parametrize("header", [None, "Basic abc", "Bearer", "Bearer a.b.c", "Bearer a b"])
def test_a_request_without_a_good_token_is_401(cast: Cast, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = cast.world.http.send(
        "POST", f"{cast.world.base_url}{QUESTIONS_PATH}", body=b"{}", headers=headers
    )
    assert answer.status == 401
