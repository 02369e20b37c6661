"""Settle a review: officers decide where the check could not, each by a call of their own (docs/decisions/0043).

1. The application went to a person, and nobody has settled it; again by the same officer is the same answer.
2. Nobody opens what they cannot see: what was shown is still there.
3. Nobody opens on a credential that was taken back meanwhile, or of a bank whose grant was suspended or whose key was
   stolen; could not tell is no yes here either.
4. Above the policy's limit another person has said *opened* before; the officer's word is kept until then.
5. A signed record extends the first one and names it; what was shown is gone in the same transaction.

What is taken back is looked up in the followed lists and registry, so that no bank learns of it. Not opening takes one officer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from passport.clock import to_epoch
from passport.errors import Reason, Rejected, Unavailable
from passport.jose import b64u_encode, parse_compact
from passport.keys import TokenType, sign_token
from passport.strict_json import JsonObject, as_object, get_array, get_text, loads
from service import faults
from service.officers import Officer
from service.reasons import Why
from verifier.answers import Outcome
from verifier.application import Application, DecisionEvent
from verifier.policies.reader import KnownPolicy
from verifier.ports import Reviews
from verifier.review import Review, ReviewSettlement, Verdict, Vote
from verifier.use_cases.decide import RecordKeeper
from verifier.use_cases.follow_up import FollowUpDesk, follow_up
from verifier.use_cases.stand_again import GrantDesk, require_banks_stand

_TAKEN_BACK: Final[Mapping[str, Reason]] = {"suspended": Reason.SUSPENDED, "revoked": Reason.REVOKED}


@dataclass(frozen=True, slots=True)
class ReviewDesk:
    """What settling needs."""

    reviews: Reviews
    policies: Mapping[str, KnownPolicy]
    following: FollowUpDesk
    banks: GrantDesk
    keeper: RecordKeeper


def settle_review(
    desk: ReviewDesk, application_id: str, officer: Officer, verdict: Verdict, why: Why
) -> Review:
    """The review after this officer's word: settled, or waiting for a second person.

    Raises:
        Rejected: NOT_FOUND; CONFLICT, it is no review, was settled, or there is nothing left to see; NOT_AUTHORISED, the
            same person spoke before; SUSPENDED or REVOKED, a credential was taken back meanwhile; what
            ``require_banks_stand`` raises.
        Unavailable: how the credentials stand cannot be told now; nothing was done.
    """
    now = desk.keeper.clock.now().replace(microsecond=0)
    found = desk.reviews.get(application_id, now=now)
    said = _said_before(found, officer, verdict)
    if said:
        return found
    # Reading the lists is no part of the transaction: they are memory, and a later change shows in the follow-up.
    if verdict is Verdict.OPENED and found.settlement is None:
        _require_in_force(desk, found.application)
        require_banks_stand(desk.banks, found.application)
    vote = Vote(application_id, officer, verdict, why, now)

    def ends(review: Review) -> tuple[ReviewSettlement, DecisionEvent] | None:
        _require_open(review, officer, verdict)
        if _waits_for_another(desk, review, verdict):
            return None
        return _settlement(desk.keeper, review, (*review.votes, vote), now)

    settled = desk.reviews.vote(vote, ends)
    faults.hit("verifier.after_review")
    return settled


def officers_needed(desk: ReviewDesk, application: Application) -> int:
    """How many people must say *opened*: two where the stated amount, or what the policy asks for, is above its limit."""
    known = desk.policies.get(application.policy)
    if known is None:
        return 2  # The policy is gone, and with it the limit.
    rule = known.policy.rules.settlement
    least = known.policy.rules.funds.least_usd_minor
    return 2 if max(application.amount_usd_minor or 0, least) > rule.second_officer_above_usd_minor else 1


def _said_before(review: Review, officer: Officer, verdict: Verdict) -> bool:
    """Whether this very officer has said this very thing, and it holds: the answer may have been lost."""
    same = any(one.officer.id == officer.id and one.verdict is verdict for one in review.votes)
    return same and (review.settlement is None or review.settlement.verdict is verdict)


def _require_open(review: Review, officer: Officer, verdict: Verdict) -> None:
    if review.settlement is not None:
        raise Rejected(
            Reason.CONFLICT,
            f"expected a review that waits, got one that was settled: {review.settlement.verdict}",
        )
    if verdict is Verdict.NOT_OPENED:
        return
    if review.disclosed is None:
        raise Rejected(
            Reason.CONFLICT,
            "there is nothing left to see: what was shown is gone; end this one, and ask the person to apply again",
        )
    if any(one.officer.person == officer.person for one in review.votes):
        raise Rejected(
            Reason.NOT_AUTHORISED, "you have spoken to this review before: another officer must agree"
        )


def _waits_for_another(desk: ReviewDesk, review: Review, verdict: Verdict) -> bool:
    if verdict is Verdict.NOT_OPENED:
        return False
    agreed = {one.officer.person for one in review.votes if one.verdict is Verdict.OPENED}
    return len(agreed) + 1 < officers_needed(desk, review.application)


def _require_in_force(desk: ReviewDesk, application: Application) -> None:
    """Every credential that the application relied on is valid now, as far as the ledger's newest lists say."""
    status = follow_up(desk.following, application.id)["status"]
    if isinstance(status, str) and status in _TAKEN_BACK:
        raise Rejected(_TAKEN_BACK[status], f"a credential was {status} meanwhile: this cannot be opened now")
    if status == "unknown":
        raise Unavailable(
            Reason.STATUS_UNAVAILABLE, "how the credentials stand cannot be told now; try again in a moment"
        )


def _settlement(
    keeper: RecordKeeper, review: Review, votes: Sequence[Vote], now: datetime
) -> tuple[ReviewSettlement, DecisionEvent]:
    application, verdict = review.application, votes[-1].verdict
    first = application.settlement
    if first is None:
        raise ValueError("expected a review to have a decision record")
    payload: JsonObject = {
        "iss": str(keeper.did),
        "iat": to_epoch(now),
        "jti": b64u_encode(keeper.entropy.token(16)),
        "application": application.id,
        "outcome": Outcome.REVIEW.value,
        "settles": {
            "jti": get_text(as_object(loads(parse_compact(first.record).unverified_payload)), "jti"),
            "sha256": hashlib.sha256(first.record.encode()).hexdigest(),
        },
        "decision": verdict.value,
        "reasons": [reason for step in first.steps for reason in get_array(step, "reasons")],
        "officers": [_said(one) for one in votes],
    }
    kid = b64u_encode(keeper.signer.public_jwk.thumbprint())
    record = sign_token(kind=TokenType.DECISION, payload=payload, signer=keeper.signer, header={"kid": kid})
    event_id = f"evt_{b64u_encode(keeper.entropy.token(16))}"
    event = DecisionEvent(
        id=event_id,
        application_id=application.id,
        body={
            "id": event_id,
            "type": "application.settled",
            "application": application.id,
            "reference": application.reference,
            "status": Outcome.REVIEW.value,
            "person_hears": verdict.value,
            "decision_record": record,
        },
    )
    return ReviewSettlement(application.id, verdict, record, now), event


def _said(vote: Vote) -> JsonObject:
    """An officer's word as the record holds it: their note is hashed, since it may speak of the person."""
    return {
        "officer": vote.officer.id,
        "person": vote.officer.person,
        "decision": vote.verdict.value,
        "reason": vote.why.code,
        "note_sha256": hashlib.sha256(vote.why.note.encode()).hexdigest() if vote.why.note else None,
        "at": to_epoch(vote.at),
    }
