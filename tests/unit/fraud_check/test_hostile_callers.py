"""Good callers who ask what is not theirs (threats T35, T36), and what is kept about them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from fraud_check.client import (
    HeldAccount,
    NoticeDraft,
    account_subject,
    person_subject,
)
from fraud_check.quotas import QuotaLimits
from fraud_check.storage.query_log import check_queries
from fraud_check.storage.tables import AlarmRow, QueryRow
from passport.errors import Reason, Rejected, Unavailable
from passport.fraud import NoticeKind, VerdictClass, read_token
from passport.fraud.names import TRANSFERS_PATH
from passport.identifiers import Handle
from passport.registry import Role
from tests.simulators.hub_cast import HANDLE, LIN, LIN_A, LIN_B, WARNED, Cast


def test_oracle_unknown_equals_clean_in_time(cast: Cast) -> None:
    """The same steps are done for an account with history and for one never seen: medians stay close."""
    cast.offer()
    unseen = account_subject("TW:822:0001:000077777777")
    token = cast.bank_a.tokens([unseen])[unseen]
    cast.bank_a.link_accounts([HeldAccount(token, cast.lin)])
    hub = cast.world.hub
    times: dict[str, list[float]] = {cast.lin_a: [], token: []}
    for _ in range(200):
        for account, taken in times.items():
            started = time.perf_counter()
            hub.judge([read_token(account)], None, at=hub.now())
            taken.append(time.perf_counter() - started)
    known, never_seen = (sorted(taken)[len(taken) // 2] for taken in times.values())
    assert abs(known - never_seen) < 0.001


def test_unsigned_edge_rejected(cast: Cast) -> None:
    body = b'{"batch":"bank-b-batch-0001","transfers":[]}'
    answer = cast.world.http.send("POST", f"{cast.world.base_url}{TRANSFERS_PATH}", body=body)
    assert answer.status == 401


def test_a_question_of_another_verifier_cannot_be_asked(cast: Cast) -> None:
    cast.offer()
    question = cast.question()
    other = cast.world.verifier(cast.world.participant(Role.VERIFIER))
    with pytest.raises(Unavailable) as refused:
        other.ask(question)
    assert isinstance(refused.value.__cause__, Rejected)
    assert refused.value.__cause__.reason is Reason.NOT_AUTHORISED


def test_cannot_query_foreign_account_403(cast: Cast) -> None:
    cast.offer()
    cast.bank_b.link_accounts([HeldAccount(cast.lin_b, cast.lin)])
    with pytest.raises(Rejected) as refused:
        cast.bank_b.ask_before_offer(accounts=[cast.lin_a], person=cast.lin)
    assert refused.value.reason is Reason.NOT_AUTHORISED
    with cast.world.hub.database.read() as session:
        assert [row.kind for row in session.exec(select(AlarmRow))] == ["foreign_account"]
        last = session.exec(select(QueryRow.answer).order_by(col(QueryRow.n).desc())).first()
    assert last == "not_authorised"


def test_a_bank_sees_other_members_questions_and_only_how_many_verifiers_asked(cast: Cast) -> None:
    cast.offer()
    cast.bank_b.link_accounts([HeldAccount(cast.lin_b, cast.lin)])
    with pytest.raises(Rejected):
        cast.bank_b.ask_before_offer(accounts=[cast.lin_a], person=cast.lin)
    cast.ask()
    cast.ask()
    today = cast.world.clock.now().date()
    with pytest.raises(Rejected):
        cast.bank_b.link_accounts([HeldAccount(cast.lin_a, cast.lin)])
    report = cast.bank_a.queries(today)
    refused = [(one.caller, one.action, one.answer) for one in report.members]
    assert refused == [(str(cast.b.did), action, "not_authorised") for action in ("question", "claim")]
    assert report.verifier_questions == 2
    assert str(cast.x.did) not in str(report.to_object())
    assert cast.bank_b.queries(today).verifier_questions == 0


def test_a_bank_asks_about_no_person_who_is_only_anothers_customer(cast: Cast) -> None:
    cast.offer()
    own = person_subject("TW", "B223456789")
    cast.bank_b.link_accounts([HeldAccount(cast.lin_b, cast.bank_b.tokens([own])[own])])
    with pytest.raises(Rejected) as refused:
        cast.bank_b.ask_before_offer(accounts=[cast.lin_b], person=cast.lin)
    assert refused.value.reason is Reason.NOT_AUTHORISED


def test_a_bank_cannot_claim_anothers_account_or_customer(cast: Cast) -> None:
    cast.offer()
    with pytest.raises(Rejected) as refused:
        cast.bank_b.link_accounts([HeldAccount(cast.lin_a, cast.lin)])
    assert refused.value.reason is Reason.NOT_AUTHORISED
    with pytest.raises(Rejected) as refused:
        cast.bank_b.cause_gone(person=cast.lin, reference="officer-0000000000001")
    assert refused.value.reason is Reason.NOT_AUTHORISED
    with pytest.raises(Rejected):
        cast.bank_b.register_handles(
            registration="offer-0000000000000009",
            handles=[Handle("h" * 22)],
            accounts=[HeldAccount(cast.lin_a, cast.lin)],
            expires_at=cast.world.clock.now() + timedelta(days=1),
        )


def test_bank_cannot_warn_foreign_without_authority(cast: Cast) -> None:
    cast.offer()
    draft = NoticeDraft(
        WARNED, NoticeKind.WARN, "165", cast.world.clock.now(), account=cast.lin_a, person=cast.lin
    )
    with pytest.raises(Rejected) as refused:
        cast.world.police(cast.b).notify(draft)
    assert refused.value.reason is Reason.NOT_AUTHORISED
    assert cast.ask().verdict.verdict_class is VerdictClass.CLEAR


def test_only_the_notifier_lifts(cast: Cast) -> None:
    cast.offer()
    cast.warn()
    other = cast.world.police(cast.world.participant(Role.POLICE))
    lift = NoticeDraft(
        "lift-0000000000000001", NoticeKind.LIFT, "165", cast.world.clock.now(), concerns=WARNED
    )
    with pytest.raises(Rejected) as refused:
        other.notify(lift)
    assert refused.value.reason is Reason.NOT_AUTHORISED
    assert cast.ask().verdict.verdict_class is VerdictClass.BLOCK


@pytest.mark.parametrize("call", ["tokens", "alerts", "link", "queries"])
def test_a_verifier_is_no_member(cast: Cast, call: str) -> None:
    stranger = cast.world.member(cast.x)
    calls: dict[str, Callable[[], object]] = {
        "tokens": lambda: stranger.tokens([LIN_A]),
        "alerts": lambda: stranger.alerts(after=0),
        "link": lambda: stranger.link_accounts([HeldAccount(cast.lin_a, cast.lin)]),
        "queries": lambda: stranger.queries(cast.world.clock.now().date()),
    }
    with pytest.raises(Rejected) as refused:
        calls[call]()
    assert refused.value.reason is Reason.NOT_AUTHORISED


def test_oracle_unknown_equals_clean_in_bytes(cast: Cast) -> None:
    cast.offer()
    unseen = account_subject("TW:822:0001:000077777777")
    token = cast.bank_a.tokens([unseen])[unseen]
    cast.bank_a.link_accounts([HeldAccount(token, cast.lin)])
    seen = cast.bank_a.ask_before_offer(accounts=[cast.lin_a], person=cast.lin)
    never_seen = cast.bank_a.ask_before_offer(accounts=[token], person=cast.lin)
    shapes = [sorted(one.verdict.to_object()) for one in (seen, never_seen)]
    assert shapes[0] == shapes[1]
    assert len(seen.signed) == len(never_seen.signed)


def test_a_foreign_verifier_gets_the_class_alone(cast: Cast) -> None:
    cast.offer()
    cast.warn()
    assert cast.ask().verdict.evidence == ()


@pytest.mark.parametrize("world", [QuotaLimits(evaluations_a_day=4, questions_a_minute=2)], indirect=True)
def test_budget(cast: Cast) -> None:
    cast.bank_b.tokens([LIN_A, LIN_B, LIN])
    with pytest.raises(Rejected) as refused:
        cast.bank_a.tokens([LIN_A, LIN_B])
    assert refused.value.reason is Reason.LIMIT_EXCEEDED
    cast.world.restart()
    with pytest.raises(Rejected):
        cast.bank_a.tokens([LIN_A, LIN_B])
    cast.offer()
    # Two a minute: of five, asked within at most two minutes, one is refused.
    refusals = []
    for question in [cast.question() for _ in range(5)]:
        try:
            cast.bank_x.ask(question)
        except Unavailable as unavailable:
            refusals.append(getattr(unavailable.__cause__, "reason", None))
    assert set(refusals) == {Reason.LIMIT_EXCEEDED}
    cast.world.hub.database.settle()
    with cast.world.hub.database.read() as session:
        kinds = [row.kind for row in session.exec(select(AlarmRow))]
    assert kinds.count("questions_exceeded") == 1
    assert "evaluations_exhausted" in kinds


def test_the_query_log_shows_every_change(cast: Cast) -> None:
    cast.offer()
    for _ in range(3):
        cast.ask()
    database = cast.world.hub.database
    count = check_queries(database)
    with database.read() as session:
        subjects = [row.subject for row in session.exec(select(QueryRow))]
    assert count == 4
    assert not any(HANDLE in subject or cast.lin_a in subject for subject in subjects)

    def spoil(session: Session) -> None:
        row = session.exec(select(QueryRow).where(QueryRow.n == 2)).one()
        row.answer = "block"
        session.add(row)

    database.write(spoil)
    with pytest.raises(Rejected) as refused:
        check_queries(database)
    assert "line 2" in str(refused.value)
