from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.claims import read_date, read_rfc3339, rfc3339
from passport.errors import Malformed

TAIPEI = timezone(timedelta(hours=8))


@given(st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds it
def test_times_read_back_to_the_second(moment: datetime) -> None:
    assert read_rfc3339(rfc3339(moment)) == moment.replace(microsecond=0)


def test_times_are_written_in_utc() -> None:
    assert rfc3339(datetime(2026, 6, 1, 0, 0, 0, 5, TAIPEI)) == "2026-05-31T16:00:00Z"


def test_a_time_without_zone_is_malformed() -> None:
    with pytest.raises(Malformed):
        rfc3339(datetime(2026, 6, 1))  # noqa: DTZ001 - the mistake under test


@pytest.mark.parametrize(
    "text",
    ["2026-06-01T00:00:00+00:00", "2026-06-01T00:00:00", "2026-06-01 00:00:00Z", "2026-02-30T00:00:00Z", ""],
)
def test_other_spellings_of_a_time_are_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        read_rfc3339(text)


def test_dates_have_one_spelling_and_must_exist() -> None:
    assert read_date("2024-02-29") == date(2024, 2, 29)
    for text in ("20240229", "2023-02-29", "2024-2-29", "2024-02-29T00:00:00Z"):
        with pytest.raises(Malformed):
            read_date(text)
