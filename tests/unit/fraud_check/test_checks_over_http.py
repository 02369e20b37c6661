"""One account over HTTP: a member's look-ups of its own accounts in a session, over real HTTP (T35)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from fraud_check.callers import KnownCaller, SpentTokens
from fraud_check.checks import CheckSessions
from fraud_check.client import HeldAccount, NoticeDraft, account_subject
from fraud_check.errors import CallerRefused
from fraud_check.quotas import QuotaLimits
from fraud_check.storage.query_log import check_queries
from fraud_check.storage.tables import AlarmRow, QueryRow
from fraud_check.tending import Tending
from outbound import HttpAnswer
from passport.errors import Reason, Rejected, Unavailable
from passport.fraud import (
    Check,
    CheckSession,
    CheckSessionRequest,
    NoticeKind,
    Token,
    Transfer,
    TransferBatch,
    VerdictClass,
)
from passport.fraud.names import CHECK_SESSIONS_PATH, CHECKS_PATH
from passport.registry import Role
from passport.strict_json import dumps
from tests.simulators.hub_cast import WARNED, Cast

MULE_B = account_subject("TW:812:0099:000011112222")
UNSEEN = account_subject("TW:822:0001:000077777777")
NT_20K = 20_000_00


def pay(cast: Cast, src: Token, dst: Token, *, days_ago: float, amount: int = NT_20K) -> None:
    at = cast.world.clock.now() - timedelta(days=days_ago)
    transfer = Transfer(
        id="transfer-0000000001", src=src, dst=dst, at_ms=int(at.timestamp() * 1000), amount_minor=amount
    )
    cast.bank_b.send_transfers(TransferBatch(batch="bank-b-batch-0001", transfers=(transfer,)))


def warn(cast: Cast, account: Token) -> None:
    cast.police.notify(NoticeDraft(WARNED, NoticeKind.WARN, "165", cast.world.clock.now(), account=account))


def raw(cast: Cast, secret: str, account: Token) -> HttpAnswer:
    return cast.world.http.send(
        "POST",
        f"{cast.world.base_url}{CHECKS_PATH}",
        body=dumps(Check(account=account).to_object()),
        headers={"Authorization": f"Bearer {secret}"},
    )


def opened(cast: Cast) -> CheckSession:
    connection = cast.world.connection(cast.a)
    return connection.post(
        CHECK_SESSIONS_PATH, CheckSessionRequest(purpose="monitoring"), answer=CheckSession
    )


def test_a_check_says_what_the_verdict_rests_on(cast: Cast) -> None:
    cast.offer()
    mule = cast.bank_b.tokens([MULE_B])[MULE_B]
    pay(cast, mule, cast.lin_a, days_ago=3)
    clean = cast.bank_a.check(cast.lin_a)
    assert (clean.hops, clean.warning_account, clean.tainted_minor, clean.path) == (None, None, None, ())
    warn(cast, mule)
    reached = cast.bank_a.check(cast.lin_a)
    # The one transfer on the way is bank B's, so its id is not bank A's to see.
    assert (reached.hops, reached.warning_account, reached.path) == (1, mule, ())
    assert reached.tainted_minor == NT_20K
    before = cast.bank_a.ask_before_offer(accounts=[cast.lin_a], person=cast.lin).verdict
    assert before.verdict_class is VerdictClass.REVIEW
    assert before.evidence[0].hops == reached.hops
    assert reached.rule in before.rule
    cast.lift()
    assert cast.bank_a.check(cast.lin_a).hops is None


def test_too_little_tainted_money_is_no_finding(cast: Cast) -> None:
    """What the rule does not count is not said either."""
    cast.offer()
    mule = cast.bank_b.tokens([MULE_B])[MULE_B]
    pay(cast, mule, cast.lin_a, days_ago=3, amount=9_999_99)
    warn(cast, mule)
    assert cast.bank_a.check(cast.lin_a).hops is None


def test_never_seen_and_clean_look_alike(cast: Cast) -> None:
    cast.offer()
    token = cast.bank_a.tokens([UNSEEN])[UNSEEN]
    cast.bank_a.link_accounts([HeldAccount(token, cast.lin)])
    secret = opened(cast).secret
    answers = [raw(cast, secret, account) for account in (cast.lin_a, token)]
    assert len({len(answer.body) for answer in answers}) == 1
    assert (
        answers[0].body.replace(cast.lin_a.encode(), b"")[:12]
        == (answers[1].body.replace(token.encode(), b"")[:12])
    )


def test_another_banks_account_and_a_strangers_are_refused_alike(cast: Cast) -> None:
    cast.offer()
    cast.bank_b.link_accounts([HeldAccount(cast.lin_b, cast.lin)])
    strange = cast.bank_a.tokens([UNSEEN])[UNSEEN]
    secret = opened(cast).secret
    refused = [raw(cast, secret, account) for account in (cast.lin_b, strange)]
    assert [one.status for one in refused] == [403, 403]
    assert refused[0].body == refused[1].body
    with pytest.raises(Rejected) as refusal:
        cast.bank_a.check(cast.lin_b)
    assert refusal.value.reason is Reason.NOT_AUTHORISED
    with cast.world.hub.database.read() as session:
        assert [row.kind for row in session.exec(select(AlarmRow))] == ["foreign_account"]
    report = cast.bank_b.queries(cast.world.clock.now().date())
    assert {(one.caller, one.action, one.answer) for one in report.members} == {
        (str(cast.a.did), "check", "not_authorised")
    }


@pytest.mark.parametrize("role", [Role.VERIFIER, Role.POLICE])
def test_only_a_member_opens_a_session(cast: Cast, role: Role) -> None:
    stranger = cast.world.connection(cast.world.participant(role))
    with pytest.raises(Rejected) as refused:
        stranger.post(CHECK_SESSIONS_PATH, CheckSessionRequest(purpose="monitoring"), answer=CheckSession)
    assert refused.value.reason is Reason.NOT_AUTHORISED


def test_a_secret_is_needed_and_dies_with_time_accreditation_and_restart(cast: Cast) -> None:
    cast.offer()
    session = opened(cast)
    assert raw(cast, session.secret, cast.lin_a).status == 200
    assert raw(cast, "A" * 43, cast.lin_a).status == 401
    cast.world.clock.moved = timedelta(minutes=5)
    assert raw(cast, session.secret, cast.lin_a).status == 401
    session = opened(cast)
    cast.world.restart()
    assert raw(cast, session.secret, cast.lin_a).status == 401
    # The client opens a new one by itself.
    assert cast.bank_a.check(cast.lin_a).hops is None
    cast.world.restart()
    assert cast.bank_a.check(cast.lin_a).hops is None
    session = opened(cast)
    assert raw(cast, session.secret, cast.lin_a).status == 200
    cast.world.registry.listed = [
        one for one in cast.world.registry.listed if one.participant != cast.a.did.address
    ]
    cast.world.clock.moved += timedelta(seconds=2)
    assert raw(cast, session.secret, cast.lin_a).status == 401


def test_what_was_checked_is_in_the_log(cast: Cast) -> None:
    cast.offer()
    secret = opened(cast).secret
    database = cast.world.hub.database

    def lines() -> list[str]:
        with database.read() as session:
            asked = session.exec(select(QueryRow).where(QueryRow.action == "check").order_by(col(QueryRow.n)))
            return [row.answer for row in asked]

    # Before the first answer it is durable that there may be some.
    assert lines() == ["opened"]
    for _ in range(3):
        assert raw(cast, secret, cast.lin_a).status == 200
    cast.world.restart()
    database = cast.world.hub.database
    said = lines()
    assert said[0] == "opened"
    assert sum(int(one.removeprefix("checked:")) for one in said[1:]) == 3
    check_queries(database)


@pytest.mark.parametrize("world", [QuotaLimits(checks_a_minute=2)], indirect=True)
def test_checks_are_counted(cast: Cast) -> None:
    cast.offer()
    secret = opened(cast).secret
    assert {raw(cast, secret, cast.lin_a).status for _ in range(5)} == {200, 429}


@pytest.mark.parametrize("world", [QuotaLimits(checks_a_minute=1)], indirect=True)
def test_what_is_noted_where_everybody_waits_waits_for_no_disk(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = cast.world.hub
    now = hub.now()
    hub.quotas.spend_check("a bank", at=now)

    def stuck(_: object) -> None:
        pytest.fail("it waited for the disk")

    with monkeypatch.context() as patched:
        patched.setattr(hub.database, "write", stuck)
        for _ in range(2):
            with pytest.raises(Rejected):
                hub.quotas.spend_check("a bank", at=now)
    hub.database.settle()
    with hub.database.read() as session:
        assert [row.kind for row in session.exec(select(AlarmRow))] == ["checks_exceeded"]


def test_an_alarm_that_could_not_be_kept_is_raised_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = cast.world.hub

    def full(_: object) -> None:
        raise Unavailable(Reason.STORAGE_UNAVAILABLE, "the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(hub.database, "write", full)
        with pytest.raises(Unavailable):
            hub.quotas.alarm("a bank", "foreign_account", at=hub.now())
    hub.quotas.alarm("a bank", "foreign_account", at=hub.now())
    with hub.database.read() as session:
        assert [row.kind for row in session.exec(select(AlarmRow))] == ["foreign_account"]


@pytest.mark.parametrize("world", [QuotaLimits(questions_a_minute=2)], indirect=True)
def test_sessions_are_counted_as_questions(cast: Cast) -> None:
    for _ in range(2):
        opened(cast)
    with pytest.raises(Rejected) as refused:
        opened(cast)
    assert refused.value.reason is Reason.LIMIT_EXCEEDED


def test_a_warning_that_takes_effect_later_counts_from_then(cast: Cast) -> None:
    cast.offer()
    mule = cast.bank_b.tokens([MULE_B])[MULE_B]
    pay(cast, mule, cast.lin_a, days_ago=3)
    soon = cast.world.clock.now() + timedelta(minutes=2)
    cast.police.notify(NoticeDraft(WARNED, NoticeKind.WARN, "165", soon, account=mule))
    assert cast.bank_a.check(cast.lin_a).hops is None
    cast.world.clock.moved = timedelta(minutes=3)
    assert cast.bank_a.check(cast.lin_a).hops == 1


def test_a_member_has_so_many_sessions_and_the_oldest_ends_first(cast: Cast) -> None:
    sessions = CheckSessions(cast.world.hub)
    caller = KnownCaller(cast.a.did, frozenset({Role.MEMBER}), "")
    secrets = [sessions.open(caller, "monitoring")[0] for _ in range(65)]
    now = cast.world.hub.now()
    with pytest.raises(Rejected):
        sessions.find(secrets[0], at=now)
    assert sessions.find(secrets[1], at=now).name == str(cast.a.did)


def test_a_check_is_short_for_it_is_read_where_everybody_waits(cast: Cast) -> None:
    cast.offer()
    secret = opened(cast).secret
    body = dumps(Check(account=cast.lin_a).to_object())
    answers = [
        cast.world.http.send(
            "POST",
            f"{cast.world.base_url}{CHECKS_PATH}",
            body=body.ljust(size),
            headers={"Authorization": f"Bearer {secret}"},
        ).status
        for size in (1024, 1025)
    ]
    assert answers == [200, 400]


def test_a_session_that_ended_answers_nothing_that_no_line_counts(cast: Cast) -> None:
    """A request that found its session just before the end comes too late for the last line."""
    sessions = CheckSessions(cast.world.hub)
    caller = KnownCaller(cast.a.did, frozenset({Role.MEMBER}), "")
    now = cast.world.hub.now()
    found = sessions.find(sessions.open(caller, "monitoring")[0], at=now)
    sessions.count(found, cast.lin_a, at=now)
    cast.world.clock.moved = timedelta(minutes=5)
    sessions.tend()
    with pytest.raises(CallerRefused):
        sessions.count(found, cast.lin_a, at=now)
    oldest = sessions.find(sessions.open(caller, "monitoring")[0], at=now)
    for _ in range(64):
        sessions.open(caller, "monitoring")
    with pytest.raises(CallerRefused):
        sessions.count(oldest, cast.lin_a, at=now)


def test_what_was_checked_is_logged_whatever_else_fails(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.offer()
    hub = cast.world.hub
    sessions = CheckSessions(hub)
    caller = KnownCaller(cast.a.did, frozenset({Role.MEMBER}), "")
    now = hub.now()
    sessions.count(sessions.find(sessions.open(caller, "monitoring")[0], at=now), cast.lin_a, at=now)

    def broken(_: object) -> int:
        raise RuntimeError("a bug")

    monkeypatch.setattr("fraud_check.tending.tell_lapses", broken)
    tending = Tending(hub, SpentTokens(hub.database, now), sessions, seconds=3600)
    tending.start()
    tending.stop()
    with hub.database.read() as session:
        asked = session.exec(select(QueryRow).where(QueryRow.answer == "checked:1")).all()
    assert len(asked) == 1
