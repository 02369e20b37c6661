"""Start from a good presentation, spoil one thing: nothing bad ever gets a class (threats T34, T36)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from fraud_check.client import (
    PresentedProof,
    VerifierClient,
)
from passport.clock import to_epoch
from passport.errors import PassportError, Reason, Rejected, Unavailable
from passport.fraud import VerdictClass, seal
from passport.fraud.messages import Caller
from passport.fraud.names import CALLER_TYP, QUESTIONS_PATH
from passport.fraud.requests import QuestionBody
from passport.registry import ParticipantKey, Role
from tests.simulators.hub_cast import HANDLE, Cast
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


def test_the_hub_is_named_by_its_did_and_not_by_its_letters(cast: Cast) -> None:
    cast.offer()
    spelled = "did:ethr:0x7A69:0x" + cast.world.identity.did.address.value[2:].upper()
    shown = cast.world.presented(cast.a, cast.x, HANDLE, fraud={"hub": spelled, "handle": HANDLE})
    cast.bank_x.ask(cast.question(shown))


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


def test_an_answer_of_another_hub_is_no_verdict(cast: Cast) -> None:
    cast.offer()
    question = cast.question()
    honest = cast.world.hub.identity
    impostor = cast.world.participant()
    cast.world.hub.identity = type(honest)(honest.did, honest.base_url, impostor.signer)
    assert reason(cast, question) is Reason.KEY_UNKNOWN
