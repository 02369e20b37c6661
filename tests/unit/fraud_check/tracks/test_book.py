"""History is bitemporal, and nothing told is ever changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fraud_check.tracks import (
    AccountLinked,
    Consequence,
    Fact,
    HolderConfirmed,
    ImpersonationFound,
    TrackBook,
    TrackRules,
    WarningLifted,
    WarningListed,
)
from passport.errors import Reason, Rejected
from passport.fraud import Token, TrackKind, make_token

T0 = datetime(2026, 3, 2, 2, tzinfo=UTC)
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
LIN, WU = make_token(1, b"L" * 32), make_token(1, b"W" * 32)
A1, B1, A2 = (make_token(1, name * 32) for name in (b"1", b"2", b"4"))


def book() -> TrackBook:
    told = TrackBook(TrackRules())
    told.tell(AccountLinked(A1, LIN, "bank a", T0, T0))
    told.tell(AccountLinked(B1, LIN, "bank b", T0, T0))
    return told


def test_what_was_true_and_what_was_known_are_different_questions() -> None:
    told = book()
    happened, known = T0 + HOUR, T0 + 2 * HOUR
    told.tell(WarningListed("w1", "police", A1, "c", happened, known, LIN))
    at = happened + SECOND
    assert told.statuses_of_account(A1, at=at, known_at=known - SECOND) == ()
    assert told.statuses_of_account(B1, at=at, known_at=known - SECOND) == ()
    assert [s.track for s in told.statuses_of_account(A1, at=at, known_at=known)] == [TrackKind.WARNING]
    assert [s.track for s in told.statuses_of_account(B1, at=at, known_at=known)] == [TrackKind.DERIVED]


def test_a_lift_dated_back_changes_what_was_true_but_not_what_was_known() -> None:
    told = book()
    told.tell(WarningListed("w1", "police", A1, "c", T0 + HOUR, T0 + HOUR, LIN))
    told.tell(WarningLifted("l1", "police", "w1", T0 + 2 * HOUR, T0 + 5 * HOUR))
    at = T0 + 3 * HOUR
    assert told.statuses_of_account(A1, at=at) == ()
    assert [s.track for s in told.statuses_of_account(A1, at=at, known_at=at)] == [TrackKind.WARNING]


def test_a_lift_before_the_warning_began_is_refused() -> None:
    told = book()
    told.tell(WarningListed("w1", "police", A1, "c", T0 + HOUR, T0 + HOUR, LIN))
    with pytest.raises(Rejected):
        told.tell(WarningLifted("l1", "police", "w1", T0, T0 + 2 * HOUR))
    with pytest.raises(Rejected) as refused:
        told.tell(WarningLifted("l1", "police", "never", T0, T0))
    assert refused.value.reason is Reason.NOT_FOUND


def test_a_person_is_on_the_tracks_of_every_account() -> None:
    told = book()
    told.tell(WarningListed("w1", "police", A1, "c", T0, T0, LIN))
    found = told.statuses_of_person(LIN, at=T0)
    assert sorted(s.track for s in found) == [TrackKind.DERIVED, TrackKind.WARNING]
    assert told.statuses_of_person(WU, at=T0) == ()


def test_a_warning_whose_notice_names_the_person_derives_even_if_no_bank_linked_the_account() -> None:
    told = TrackBook(TrackRules())
    told.tell(AccountLinked(B1, LIN, "bank b", T0, T0))
    told.tell(WarningListed("w1", "police", A1, "c", T0, T0, LIN))
    assert [s.track for s in told.statuses_of_account(B1, at=T0)] == [TrackKind.DERIVED]
    assert len(told.statuses_of_person(LIN, at=T0)) == 2


def test_a_warning_without_a_person_derives_what_the_same_bank_says_and_elsewhere_once_confirmed() -> None:
    told = TrackBook(TrackRules())
    told.tell(AccountLinked(B1, LIN, "bank b", T0, T0))
    told.tell(WarningListed("w1", "police", A1, "c", T0, T0))
    assert told.statuses_of_account(B1, at=T0 + HOUR) == ()
    told.tell(AccountLinked(A1, LIN, "bank a", T0 + HOUR, T0 + HOUR))
    told.tell(AccountLinked(A2, LIN, "bank a", T0 + HOUR, T0 + HOUR))
    assert [s.track for s in told.statuses_of_account(A2, at=T0 + HOUR)] == [TrackKind.DERIVED]
    assert told.statuses_of_account(B1, at=T0 + HOUR) == ()
    assert told.statuses_of_person(LIN, at=T0 + HOUR, bank="bank b") == ()
    told.tell(HolderConfirmed("h1", A1, LIN, "bank b", True, T0 + 2 * HOUR, T0 + 2 * HOUR))
    (status,) = told.statuses_of_account(B1, at=T0 + 2 * HOUR)
    assert (status.track, status.since, status.cause) == (TrackKind.DERIVED, T0 + 2 * HOUR, A1)
    assert told.statuses_of_account(B1, at=T0 + 2 * HOUR - SECOND) == ()


def test_no_bank_may_claim_an_account_that_another_keeps() -> None:
    told = book()
    with pytest.raises(Rejected) as refused:
        told.tell(AccountLinked(A1, LIN, "bank b", T0, T0))
    assert refused.value.reason is Reason.NOT_AUTHORISED
    assert told.bank_of(A1) == "bank a"


def test_an_account_that_changes_hands_counts_for_both_until_the_police_say_otherwise() -> None:
    told = book()
    told.tell(AccountLinked(A1, WU, "bank a", T0 + HOUR, T0 + HOUR))
    assert [link.person for link in told.holders.of(A1)] == [LIN, WU]
    assert [link.person for link in told.holders.of(A1, known_at=T0)] == [LIN]
    told.tell(HolderConfirmed("h1", A1, LIN, None, False, T0 + 2 * HOUR, T0 + 3 * HOUR))
    assert [link.person for link in told.holders.of(A1)] == [WU]
    assert [link.account for link in told.accounts_of(LIN)] == [B1]
    # What was true and what was known then stay as they were.
    assert [link.person for link in told.holders.of(A1, at=T0 + HOUR)] == [LIN, WU]
    assert [link.person for link in told.holders.of(A1, known_at=T0 + 2 * HOUR)] == [LIN, WU]


def test_impersonation_is_final() -> None:
    told = book()
    told.tell(ImpersonationFound("i1", A1, "c", T0, T0))
    (status,) = told.statuses_of_account(A1, at=T0 + 10_000 * HOUR)
    assert (status.track, status.ends_at) == (TrackKind.IMPERSONATED, None)


def test_taint_starts_where_the_notice_says_else_thirty_days_before() -> None:
    told = book()
    named = WarningListed("w1", "police", A1, "c", T0, T0, LIN, taint_from=T0 - HOUR)
    silent = WarningListed("w2", "police", A1, "c", T0, T0, LIN)
    assert told.taint_starts_at(named) == T0 - HOUR
    assert told.taint_starts_at(silent) == T0 - timedelta(days=30)


@pytest.mark.parametrize("linked_first", [True, False])
def test_where_bank_and_police_name_different_holders_each_counts_by_its_word(*, linked_first: bool) -> None:
    """The police's for everybody; the bank's for its own accounts, and elsewhere once the other bank confirms it."""
    wus = make_token(1, b"3" * 32)
    told = TrackBook(TrackRules())
    facts: list[Fact] = [
        AccountLinked(A1, LIN, "bank a", T0, T0),
        WarningListed("w1", "police", A1, "c", T0 + HOUR, T0 + HOUR, WU),
    ]
    told.tell(AccountLinked(B1, LIN, "bank b", T0, T0))
    told.tell(AccountLinked(A2, LIN, "bank a", T0, T0))
    told.tell(AccountLinked(wus, WU, "bank b", T0, T0))
    for fact in facts if linked_first else reversed(facts):
        told.tell(fact)
    at = T0 + 2 * HOUR

    def tracks(account: Token) -> list[TrackKind]:
        return [status.track for status in told.statuses_of_account(account, at=at)]

    assert (tracks(wus), tracks(A2), tracks(B1)) == ([TrackKind.DERIVED], [TrackKind.DERIVED], [])
    assert told.consequences(LIN, at=at) == (
        Consequence("w1", LIN, "bank b", None),
        Consequence("w1", LIN, "bank a", A2),
    )
    assert told.holder_unclear(told.warnings()[0])
    told.tell(HolderConfirmed("h1", A1, LIN, "bank b", True, at, at))
    assert tracks(B1) == [TrackKind.DERIVED]


def test_one_holder_named_twice_is_clear() -> None:
    told = book()
    told.tell(WarningListed("w1", "police", A1, "c", T0 + HOUR, T0 + HOUR, LIN))
    assert not told.holder_unclear(told.warnings()[0])
    assert told.consequences(LIN, at=T0 + HOUR) == (Consequence("w1", LIN, "bank b", B1),)
