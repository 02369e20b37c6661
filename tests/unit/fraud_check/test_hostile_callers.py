"""Start from a good call, spoil one thing: nothing bad ever gets a class (threats T34, T35, T36, T38)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from fraud_check.callers import SpentTokens
from fraud_check.client import (
    HeldAccount,
    NoticeDraft,
    PresentedProof,
    VerifierClient,
    account_subject,
    person_subject,
)
from fraud_check.quotas import QuotaLimits
from fraud_check.storage.query_log import check_queries
from fraud_check.storage.spent import spent_tokens
from fraud_check.storage.tables import AlarmRow, QueryRow
from outbound import HttpAnswer
from passport.clock import to_epoch
from passport.errors import PassportError, Reason, Rejected, Unavailable
from passport.fraud import NoticeKind, VerdictClass, read_token, seal
from passport.fraud.messages import Caller
from passport.fraud.names import CALLER_TYP, QUESTIONS_PATH, TRANSFERS_PATH
from passport.fraud.requests import QuestionBody
from passport.identifiers import Handle
from passport.jose import b64u_encode
from passport.registry import ParticipantKey, Role
from passport.strict_json import dumps
from tests.simulators.hub_cast import HANDLE, LIN, LIN_A, LIN_B, WARNED, Cast
from tests.simulators.hub_world import NONCE, HubWorld, Participant, Presented


def cause(cast: Cast, question: str) -> PassportError:
    """Why the verifier could not tell."""
    with pytest.raises(Unavailable) as refused:
        cast.bank_x.ask(question)
    assert refused.value.reason is Reason.FRAUD_UNKNOWN
    assert isinstance(refused.value.__cause__, PassportError)
    return refused.value.__cause__


def reason(cast: Cast, question: str) -> Reason | None:
    return getattr(cause(cast, question), "reason", None)


def test_a_presentation_for_another_verifier_gets_no_class(cast: Cast) -> None:
    cast.offer()
    other = cast.world.participant(Role.VERIFIER)
    question = cast.question(cast.world.presented(cast.a, other, HANDLE))
    assert reason(cast, question) is Reason.AUDIENCE_MISMATCH


def test_a_presentation_for_another_nonce_gets_no_class(cast: Cast) -> None:
    cast.offer()
    shown = cast.world.presented(cast.a, cast.x, HANDLE, nonce="another nonce 123".replace(" ", "-"))
    assert reason(cast, cast.question(shown)) is Reason.NONCE_MISMATCH


def test_a_consent_older_than_five_minutes_gets_no_class(cast: Cast) -> None:
    cast.offer()
    shown = cast.world.presented(cast.a, cast.x, HANDLE, age=timedelta(minutes=5, seconds=2))
    assert reason(cast, cast.question(shown)) is Reason.HOLDER_BINDING_STALE


def test_somebody_elses_consent_gets_no_class(cast: Cast) -> None:
    cast.offer()
    lin, thief = (cast.world.presented(cast.a, cast.x, HANDLE) for _ in range(2))
    assert (
        reason(cast, cast.question(Presented(lin.credential, thief.kb_jwt))) is Reason.HOLDER_BINDING_INVALID
    )


def test_a_handle_that_another_issuer_registered_gets_no_class(cast: Cast) -> None:
    cast.offer()
    shown = cast.world.presented(cast.b, cast.x, HANDLE)
    assert reason(cast, cast.question(shown)) is Reason.NOT_FOUND


def test_a_handle_that_nobody_registered_gets_no_class(cast: Cast) -> None:
    shown = cast.world.presented(cast.a, cast.x, HANDLE)
    assert reason(cast, cast.question(shown)) is Reason.NOT_FOUND


def test_an_expired_registration_gets_no_class(cast: Cast) -> None:
    cast.offer()
    cast.world.clock.moved = timedelta(days=90, seconds=1)
    assert reason(cast, cast.question()) is Reason.NOT_FOUND


def test_a_credential_that_names_another_hub_gets_no_class(cast: Cast) -> None:
    cast.offer()
    fraud = {"hub": str(cast.b.did), "handle": HANDLE}
    shown = cast.world.presented(cast.a, cast.x, HANDLE, fraud=fraud)
    assert reason(cast, cast.question(shown)) is Reason.AUDIENCE_MISMATCH


def test_a_credential_whose_certificate_is_anothers_gets_no_class(cast: Cast) -> None:
    cast.offer()
    shown = cast.world.presented(cast.a, cast.x, HANDLE, iss="https://party-elsewhere.example")
    assert reason(cast, cast.question(shown)) is Reason.ISSUER_MISMATCH


def test_an_altered_credential_gets_no_class(cast: Cast) -> None:
    cast.offer()
    one, two = (cast.world.presented(cast.a, cast.x, HANDLE) for _ in range(2))
    forged = ".".join([*one.credential.split(".")[:2], two.credential.split(".")[2]])
    assert reason(cast, cast.question(Presented(forged, one.kb_jwt))) is Reason.SIGNATURE_INVALID


def steal(world: HubWorld, party: Participant) -> None:
    thumbprint = party.signer.public_jwk.thumbprint()
    since = world.clock.now() - timedelta(hours=1)
    known = world.registry.keys[party.did.address, thumbprint]
    world.registry.keys[party.did.address, thumbprint] = ParticipantKey(
        thumbprint, known.valid_from, stolen_since=since
    )


def test_an_issuers_stolen_key_gets_no_class(cast: Cast) -> None:
    cast.offer()
    question = cast.question()
    steal(cast.world, cast.a)
    assert reason(cast, question) is Reason.ISSUER_KEY_STOLEN


def registered(world: HubWorld, party: Participant, at: datetime) -> None:
    thumbprint = party.signer.public_jwk.thumbprint()
    world.registry.keys[party.did.address, thumbprint] = ParticipantKey(thumbprint, at)


def test_a_credential_dated_up_to_the_promised_delay_before_its_key_still_counts(cast: Cast) -> None:
    cast.offer()
    now = cast.world.clock.now()
    registered(cast.world, cast.a, now)
    early = cast.world.presented(cast.a, cast.x, HANDLE, iat=to_epoch(now) - 59)
    assert cast.bank_x.ask(cast.question(early)).verdict.verdict_class is VerdictClass.CLEAR
    too_early = cast.world.presented(cast.a, cast.x, HANDLE, iat=to_epoch(now) - 61)
    assert reason(cast, cast.question(too_early)) is Reason.ISSUER_KEY_UNKNOWN


def test_a_callers_stolen_key_is_nobody(cast: Cast) -> None:
    cast.offer()
    question = cast.question()
    steal(cast.world, cast.x)
    assert reason(cast, question) is Reason.NOT_AUTHORISED


def test_a_root_that_the_ledger_no_longer_trusts_gets_no_class(cast: Cast) -> None:
    cast.offer()
    question = cast.question()
    cast.world.registry.roots.clear()
    assert reason(cast, question) is Reason.CERTIFICATE_NOT_TRUSTED


@pytest.mark.parametrize("suspended", [False, True])
def test_a_verifier_without_a_grant_in_force_gets_no_class(cast: Cast, *, suspended: bool) -> None:
    cast.offer()
    cast.world.registry.listed = [
        grant for grant in cast.world.registry.listed if grant.participant != cast.x.did.address
    ]
    if suspended:
        cast.world.grant(cast.x.did, Role.VERIFIER, suspended=True)
    assert reason(cast, cast.question()) is Reason.NOT_AUTHORISED


def test_a_question_with_another_keys_certificate_gets_no_class(cast: Cast) -> None:
    cast.offer()
    other = cast.world.participant(Role.VERIFIER)
    shown = cast.world.presented(cast.a, other, HANDLE)
    client = VerifierClient(cast.world.connection(cast.x), [other.certificate])
    question = client.question(
        PresentedProof("application-1", "account-opening", NONCE, shown.credential, shown.kb_jwt)
    )
    assert reason(cast, question) is Reason.ISSUER_MISMATCH


def test_a_question_about_something_else_is_malformed(cast: Cast) -> None:
    strange = seal(
        Caller(
            iss=str(cast.x.did),
            aud=str(cast.world.identity.did),
            iat=to_epoch(cast.world.clock.now()),
            jti="j" * 22,
            htm="POST",
            htu="-",
            body_sha256="A" * 43,
        ),
        typ=CALLER_TYP,
        signer=cast.x.signer,
    )
    with pytest.raises(Rejected) as refused:
        cast.world.connection(cast.x).post(
            QUESTIONS_PATH, QuestionBody(question=strange), answer=QuestionBody
        )
    assert refused.value.reason is Reason.MALFORMED


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


# --- members -------------------------------------------------------------------------------------------------------


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


# --- tokens of callers ---------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("header", [None, "Basic abc", "Bearer", "Bearer a.b.c", "Bearer a b"])
def test_a_request_without_a_good_token_is_401(cast: Cast, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = cast.world.http.send(
        "POST", f"{cast.world.base_url}{QUESTIONS_PATH}", body=b"{}", headers=headers
    )
    assert answer.status == 401


# --- quotas and the log --------------------------------------------------------------------------------------------


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


def test_an_answer_of_another_hub_is_no_verdict(cast: Cast) -> None:
    cast.offer()
    question = cast.question()
    honest = cast.world.hub.identity
    impostor = cast.world.participant()
    cast.world.hub.identity = type(honest)(honest.did, honest.base_url, impostor.signer)
    assert reason(cast, question) is Reason.KEY_UNKNOWN
