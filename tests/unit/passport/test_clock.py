from datetime import UTC, datetime

import pytest

from passport.clock import from_epoch, to_epoch
from passport.errors import Malformed


def test_epoch_seconds_go_there_and_back() -> None:
    assert from_epoch(to_epoch(datetime(2026, 2, 28, 23, 59, 59, 999999, UTC))) == datetime(
        2026, 2, 28, 23, 59, 59, tzinfo=UTC
    )


def test_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        to_epoch(datetime(2026, 1, 1))  # noqa: DTZ001 - the naive time is the point


@pytest.mark.parametrize("seconds", [2**52, -(2**52)])
def test_a_time_outside_the_calendar_is_malformed(seconds: int) -> None:
    with pytest.raises(Malformed):
        from_epoch(seconds)


@pytest.mark.parametrize("seconds", [253402300799, 0, -1, -62135596800])
def test_the_first_and_the_last_second_that_can_be_named(seconds: int) -> None:
    assert to_epoch(from_epoch(seconds)) == seconds


@pytest.mark.parametrize("seconds", [253402300800, 2**53, 2**70, -62135596801, -(2**53)])
def test_a_second_outside_the_calendar_is_malformed(seconds: int) -> None:
    with pytest.raises(Malformed):
        from_epoch(seconds)
