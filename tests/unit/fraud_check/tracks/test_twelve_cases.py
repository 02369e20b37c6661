"""The twelve cases that every implementation of the tracks must get right (domain section 2), in their order."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from fraud_check.tracks import (
    AccountLinked,
    AdmonitionGiven,
    CauseGone,
    DocumentArrived,
    EarmarkPlaced,
    EarmarkRequest,
    Operation,
    Ruling,
    TrackBook,
    TrackRules,
    WarningExtended,
    WarningLifted,
    WarningListed,
    allocate_earmarks,
    permit,
)
from passport.errors import Reason, Rejected
from passport.fraud import NoticeForm, Token, TrackKind, make_token

TAIPEI = ZoneInfo("Asia/Taipei")
POLICE, OTHER_POLICE = "did:police:1", "did:police:2"
BANK_A, BANK_B = "did:bank:a", "did:bank:b"
LIN, WU = make_token(1, b"L" * 32), make_token(1, b"W" * 32)
A1, A2, B1 = (make_token(1, name * 32) for name in (b"1", b"2", b"3"))
RULES = TrackRules()
SECOND = timedelta(seconds=1)


def taipei(year: int, month: int, day: int, *clock: int) -> datetime:
    hour, minute, second = (*clock, 0, 0, 0)[:3]
    return datetime.combine(date(year, month, day), time(hour, minute, second), TAIPEI).astimezone(UTC)


START = taipei(2024, 5, 20, 10)


def linked(account: Token, bank: str, person: Token = LIN, at: datetime = START) -> AccountLinked:
    return AccountLinked(account, person, bank, at, at)


def warned(
    account: Token = A1,
    *,
    at: datetime = START + timedelta(hours=1),
    id_: str = "w1",
    form: NoticeForm = NoticeForm.DOCUMENT,
    recorded: datetime | None = None,
) -> WarningListed:
    return WarningListed(id_, POLICE, account, "165-7", at, recorded or at, LIN, form=form)


def book(*facts: object) -> TrackBook:
    made = TrackBook(RULES)
    for fact in facts:
        made.tell(fact)  # type: ignore[arg-type]  # each test hands in facts only
    return made


def tracks(of: TrackBook, account: Token, at: datetime, known_at: datetime | None = None) -> list[TrackKind]:
    known = {} if known_at is None else {"known_at": known_at}
    return [status.track for status in of.statuses_of_account(account, at=at, **known)]


def refusal(of: TrackBook, fact: object) -> Reason:
    with pytest.raises(Rejected) as refused:
        of.tell(fact)  # type: ignore[arg-type]  # each test hands in facts only
    return refused.value.reason


W = START + timedelta(hours=1)


def test_1_a_notice_warns_here_and_derives_at_every_other_bank() -> None:
    told = book(linked(A1, BANK_A), linked(A2, BANK_A), linked(B1, BANK_B), warned())
    assert tracks(told, A1, W - SECOND) == []
    assert tracks(told, A1, W) == [TrackKind.WARNING]
    assert tracks(told, B1, W) == [TrackKind.DERIVED]
    assert tracks(told, A2, W) == [TrackKind.DERIVED]
    stranger = make_token(1, b"9" * 32)
    assert tracks(told, stranger, W) == []


@pytest.mark.parametrize(
    ("listed", "lapses"),
    [
        (taipei(2024, 5, 20, 11), taipei(2026, 5, 20, 11)),
        (taipei(2024, 2, 29, 11), taipei(2026, 3, 1)),
        (taipei(2026, 2, 28, 23, 59, 59), taipei(2028, 2, 28, 23, 59, 59)),
        # 20:00 UTC on 28 February is 29 February in Taipei.
        (datetime(2024, 2, 28, 20, tzinfo=UTC), taipei(2026, 3, 1)),
    ],
)
def test_2_two_years_lapse_at_the_right_instant(listed: datetime, lapses: datetime) -> None:
    told = book(linked(A1, BANK_A, at=listed - SECOND), warned(at=listed))
    assert tracks(told, A1, lapses - SECOND) == [TrackKind.WARNING]
    assert tracks(told, A1, lapses) == []


LAPSE = taipei(2026, 5, 20, 11)


def extension(at: datetime, until: datetime, id_: str = "x1", notifier: str = POLICE) -> WarningExtended:
    return WarningExtended(id_, notifier, "w1", until, at, at)


def test_3_an_extension_on_the_last_day_holds() -> None:
    told = book(linked(A1, BANK_A), warned(), extension(LAPSE - SECOND, taipei(2027, 5, 20, 11)))
    assert tracks(told, A1, LAPSE) == [TrackKind.WARNING]
    assert tracks(told, A1, taipei(2027, 5, 20, 11)) == []


def test_3_one_day_later_a_second_one_or_one_over_a_year_is_refused() -> None:
    good = taipei(2027, 5, 20, 11)
    told = book(linked(A1, BANK_A), warned())
    assert refusal(told, extension(LAPSE, good)) is Reason.CONFLICT
    assert refusal(told, extension(LAPSE + timedelta(days=1), good)) is Reason.CONFLICT
    assert refusal(told, extension(LAPSE - SECOND, good + SECOND)) is Reason.CONFLICT
    assert refusal(told, extension(LAPSE - SECOND, LAPSE)) is Reason.CONFLICT
    assert refusal(told, extension(LAPSE - SECOND, good, notifier=OTHER_POLICE)) is Reason.NOT_AUTHORISED
    told.tell(extension(LAPSE - SECOND, good))
    assert refusal(told, extension(LAPSE - SECOND, good, "x2")) is Reason.CONFLICT


def test_3_an_extension_cannot_be_dated_back_to_before_the_lapse() -> None:
    told = book(linked(A1, BANK_A), warned())
    late = WarningExtended("x1", POLICE, "w1", taipei(2027, 1, 1), LAPSE - SECOND, LAPSE + SECOND)
    assert refusal(told, late) is Reason.CONFLICT


def test_4_a_phone_notice_without_paper_gives_a_task_and_not_a_lift() -> None:
    # Friday 13 February 2026; 16 to 20 and 27 February are days off: the fifth is 2 March.
    phoned = taipei(2026, 2, 13, 15)
    due = taipei(2026, 3, 3)
    told = book(linked(A1, BANK_A, at=phoned - SECOND), warned(at=phoned, form=NoticeForm.PHONE))
    assert told.paper_tasks(at=due - SECOND) == ()
    (task,) = told.paper_tasks(at=due)
    assert (task.warning, task.notifier, task.due) == ("w1", POLICE, due)
    assert tracks(told, A1, due + timedelta(days=60)) == [TrackKind.WARNING]
    told.tell(DocumentArrived("d1", "w1", due + SECOND, due + SECOND))
    assert told.paper_tasks(at=due + SECOND) == ()


def test_4_a_notice_by_document_gives_no_task() -> None:
    assert book(linked(A1, BANK_A), warned()).paper_tasks(at=W + timedelta(days=100)) == ()


def test_5_an_account_opened_later_under_the_exception_is_derived_too() -> None:
    opened = W + timedelta(days=30)
    told = book(linked(A1, BANK_A), warned(), linked(B1, BANK_B, at=opened))
    assert tracks(told, B1, opened - SECOND) == []
    assert tracks(told, B1, opened) == [TrackKind.DERIVED]


def test_5_an_account_opened_after_the_lift_is_not() -> None:
    lifted = W + timedelta(days=10)
    told = book(linked(A1, BANK_A), warned(), WarningLifted("l1", POLICE, "w1", lifted, lifted))
    told.tell(linked(B1, BANK_B, at=lifted))
    assert tracks(told, B1, lifted) == []


def test_6_lifting_does_not_lift_derived_accounts_until_their_bank_verifies() -> None:
    lifted = W + timedelta(days=10)
    told = book(linked(A1, BANK_A), linked(A2, BANK_A), linked(B1, BANK_B), warned())
    early = CauseGone(LIN, BANK_B, lifted - SECOND, lifted - SECOND)
    assert refusal(told, early) is Reason.CONFLICT
    told.tell(WarningLifted("l1", POLICE, "w1", lifted, lifted))
    assert tracks(told, A1, lifted) == []
    assert tracks(told, B1, lifted) == [TrackKind.DERIVED]
    verified = lifted + timedelta(hours=2)
    told.tell(CauseGone(LIN, BANK_B, verified, verified))
    assert tracks(told, B1, verified - SECOND) == [TrackKind.DERIVED]
    assert tracks(told, B1, verified) == []
    assert tracks(told, A2, verified) == [TrackKind.DERIVED]


def test_6_only_a_bank_of_the_person_may_verify() -> None:
    told = book(linked(A1, BANK_A))
    assert refusal(told, CauseGone(LIN, BANK_B, W, W)) is Reason.NOT_AUTHORISED


def test_7_two_warnings_one_lifted_is_still_warned() -> None:
    lifted = W + timedelta(days=1)
    told = book(linked(A1, BANK_A), linked(B1, BANK_B), warned(), warned(id_="w2", at=W + SECOND))
    told.tell(WarningLifted("l1", POLICE, "w1", lifted, lifted))
    assert tracks(told, A1, lifted) == [TrackKind.WARNING]
    assert refusal(told, CauseGone(LIN, BANK_B, lifted, lifted)) is Reason.CONFLICT
    assert refusal(told, WarningLifted("l2", POLICE, "w1", lifted, lifted)) is Reason.CONFLICT
    assert refusal(told, WarningLifted("l3", OTHER_POLICE, "w2", lifted, lifted)) is Reason.NOT_AUTHORISED
    told.tell(WarningLifted("l4", POLICE, "w2", lifted, lifted))
    assert tracks(told, A1, lifted) == []


def admonished(at: datetime, id_: str) -> AdmonitionGiven:
    return AdmonitionGiven(id_, LIN, "c", at, at)


def test_8_repeated_admonitions_add_up_without_a_gap() -> None:
    first = taipei(2024, 2, 29, 10)
    told = book(linked(A1, BANK_A), admonished(first, "m1"), admonished(taipei(2025, 1, 1, 9), "m2"))
    ends = taipei(2029, 3, 1)
    assert [s.notice for s in told.statuses_of_account(A1, at=ends - SECOND)] == ["m1"]
    assert [s.notice for s in told.statuses_of_account(A1, at=ends)] == ["m2"]
    assert tracks(told, A1, taipei(2034, 3, 1) - SECOND) == [TrackKind.ADMONITION]
    assert tracks(told, A1, taipei(2034, 3, 1)) == []


def test_8_a_repeat_after_the_first_period_starts_at_once() -> None:
    again = taipei(2030, 6, 1, 10)
    told = book(linked(A1, BANK_A), admonished(taipei(2024, 3, 1, 10), "m1"), admonished(again, "m2"))
    assert tracks(told, A1, again - SECOND) == []
    assert tracks(told, A1, again) == [TrackKind.ADMONITION]
    assert tracks(told, A1, taipei(2035, 6, 2)) == []


@pytest.mark.parametrize(("balance", "held"), [(40, 40), (100, 100), (250, 100)])
def test_9_an_earmark_is_the_lesser_of_inflow_and_balance(balance: int, held: int) -> None:
    assert allocate_earmarks(1000, [EarmarkRequest(100, balance)]) == (held,)


def test_9_a_case_cap_is_spread_over_three_banks() -> None:
    requests = [EarmarkRequest(60, 80), EarmarkRequest(50, 20), EarmarkRequest(90, 90)]
    assert allocate_earmarks(100, requests) == (60, 20, 20)
    assert sum(allocate_earmarks(0, requests)) == 0


def test_10_an_earmark_is_released_at_48_hours_unless_confirmed_a_second_before() -> None:
    placed = EarmarkPlaced("e1", A1, "165-7", W, W)
    released = W + timedelta(hours=48)
    told = book(linked(A1, BANK_A), placed)
    assert tracks(told, A1, released - SECOND) == [TrackKind.EARMARK]
    assert tracks(told, A1, released) == []
    told.tell(warned(at=released - SECOND))
    assert tracks(told, A1, released) == [TrackKind.WARNING]


def test_11_an_inward_remittance_to_a_warning_account_is_returned() -> None:
    told = book(linked(A1, BANK_A), linked(B1, BANK_B), warned())
    for account in (A1, B1):
        statuses = told.statuses_of_account(account, at=W)
        assert permit(Operation.INWARD_REMITTANCE, 1, statuses, rules=RULES) is Ruling.RETURNED_TO_SENDER
    derived = told.statuses_of_account(B1, at=W)
    assert permit(Operation.COUNTER, 1, derived, rules=RULES) is Ruling.ALLOWED
    assert permit(Operation.ELECTRONIC, 1, derived, rules=RULES) is Ruling.SUSPENDED
    warning = told.statuses_of_account(A1, at=W)
    assert permit(Operation.COUNTER, 1, warning, rules=RULES) is Ruling.SUSPENDED


def test_12_a_utility_bill_is_payable_under_admonition() -> None:
    statuses = book(linked(A1, BANK_A), admonished(W, "m1")).statuses_of_account(A1, at=W)
    limit = RULES.admonition_daily_minor
    assert permit(Operation.EXEMPT_PAYMENT, 10 * limit, statuses, rules=RULES) is Ruling.ALLOWED
    assert permit(Operation.TRANSFER, limit, statuses, rules=RULES) is Ruling.ALLOWED
    assert permit(Operation.TRANSFER, limit + 1, statuses, rules=RULES) is Ruling.OVER_DAILY_LIMIT
    assert permit(Operation.CASH, limit, statuses, rules=RULES) is Ruling.ALLOWED
    assert permit(Operation.CASH, limit + 1, statuses, rules=RULES) is Ruling.OVER_DAILY_LIMIT
    assert permit(Operation.ELECTRONIC, 1, statuses, rules=RULES) is Ruling.SUSPENDED
