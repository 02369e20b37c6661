"""Messages are valid from birth: what they need, how long they live, what they never hold twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from passport.errors import Malformed, Reason, Rejected
from passport.fraud import HandleRegistration, Notice, Verdict, epoch_of, make_token, read_token
from passport.strict_json import JsonObject

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
IAT = int(NOW.timestamp())
DID = "did:ethr:0x7a69:0x" + "a1" * 20
ACCOUNT, PERSON = make_token(1, b"a" * 32), make_token(1, b"p" * 32)

ENVELOPE: JsonObject = {"iss": DID, "aud": DID, "iat": IAT, "jti": "j" * 22}
VERDICT: JsonObject = {
    **ENVELOPE,
    "exp": IAT + 300,
    "question": "A" * 43,
    "purpose": "account-opening",
    "nonce": "n" * 22,
    "class": "clear",
    "as_of": IAT,
    "rule": "2026-01",
    "depth": 3,
    "truncated": False,
}
NOTICE: JsonObject = {
    **ENVELOPE,
    "kind": "warn",
    "case": "165-1",
    "account": ACCOUNT,
    "effective_ms": 1000 * IAT,
}


def test_a_verdict_reads_back_as_it_was_written() -> None:
    verdict = Verdict.read(VERDICT)
    assert verdict.to_object()["class"] == "clear"
    assert Verdict.read(verdict.to_object()) == verdict


@pytest.mark.parametrize("exp", [IAT, IAT - 1, IAT + 301])
def test_a_verdict_lives_at_most_five_minutes(exp: int) -> None:
    with pytest.raises(Malformed):
        Verdict.read({**VERDICT, "exp": exp})


def test_a_verdict_is_dead_at_its_exp() -> None:
    verdict = Verdict.read(VERDICT)
    verdict.require_fresh(at=NOW + timedelta(seconds=299))
    with pytest.raises(Rejected) as refused:
        verdict.require_fresh(at=NOW + timedelta(seconds=300))
    assert refused.value.reason is Reason.EXPIRED


def test_a_notice_that_warns_reads() -> None:
    assert Notice.read(NOTICE).account == ACCOUNT


@pytest.mark.parametrize(
    "changes",
    [
        {"account": None},
        {"kind": "lift"},
        {"kind": "extend", "concerns": "c" * 22},
        {"kind": "admonish"},
        {"kind": "pardon"},
        {"account": "0.AAAA"},
        {"effective_ms": "now"},
        {"jti": "short"},
    ],
)
def test_a_notice_without_what_its_kind_needs_is_malformed(changes: JsonObject) -> None:
    spoiled = {name: value for name, value in {**NOTICE, **changes}.items() if value is not None}
    with pytest.raises(Malformed):
        Notice.read(spoiled)


def test_a_handle_comes_once_in_a_registration() -> None:
    registration: JsonObject = {
        "registration": "r" * 22,
        "handles": ["h" * 22, "i" * 22],
        "accounts": [{"account": ACCOUNT, "person": PERSON}],
        "expires_at": IAT,
    }
    assert HandleRegistration.read(registration).handles == ("h" * 22, "i" * 22)
    with pytest.raises(Malformed):
        HandleRegistration.read({**registration, "handles": ["h" * 22, "h" * 22]})


def test_a_token_says_its_epoch() -> None:
    assert epoch_of(ACCOUNT) == 1
    assert read_token(ACCOUNT) == ACCOUNT


@pytest.mark.parametrize(
    "text", ["", "0." + "A" * 43, "1." + "A" * 42, "1." + "A" * 42 + "B", "1" + "A" * 43]
)
def test_what_is_no_token_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        read_token(text)
