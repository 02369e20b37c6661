from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from passport.errors import Reason, Rejected
from passport.identifiers import Address
from passport.registry import Grant, ParticipantKey, Role, grant_in_force, require_grant_at, require_key_at

T0 = datetime(2026, 1, 1, tzinfo=UTC)
T1 = datetime(2027, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ANCHORED = datetime(2026, 6, 1, tzinfo=UTC)
GRANT = Grant(
    number=3,
    participant=Address("0x" + "ab" * 20),
    role=Role.ISSUER,
    schema=bytes(32),
    valid_from=T0,
    valid_until=T1,
    evidence_hash=bytes(32),
)
KEY = ParticipantKey(thumbprint=bytes(32), valid_from=T0)


@pytest.mark.parametrize("at", [T0, ANCHORED, T1 - SECOND])
def test_a_grant_stands_from_its_first_to_its_last_second(at: datetime) -> None:
    assert require_grant_at(GRANT, at=at) is GRANT


@pytest.mark.parametrize("at", [T0 - SECOND, T1])
def test_a_grant_does_not_stand_outside_its_period(at: datetime) -> None:
    assert not grant_in_force(GRANT, at=at)
    with pytest.raises(Rejected) as caught:
        require_grant_at(GRANT, at=at)
    assert caught.value.reason is Reason.ISSUER_NOT_ACCREDITED


def test_no_grant_at_all_is_not_accredited() -> None:
    with pytest.raises(Rejected) as caught:
        require_grant_at(None, at=ANCHORED)
    assert caught.value.reason is Reason.ISSUER_NOT_ACCREDITED


def test_withdrawal_at_the_anchor_refuses_and_one_second_later_does_not() -> None:
    with pytest.raises(Rejected) as caught:
        require_grant_at(replace(GRANT, withdrawn_from=ANCHORED), at=ANCHORED)
    assert caught.value.reason is Reason.ISSUER_NOT_ACCREDITED
    later = replace(GRANT, withdrawn_from=ANCHORED + SECOND)
    assert require_grant_at(later, at=ANCHORED) is later


def test_a_suspension_now_refuses_what_was_issued_before() -> None:
    with pytest.raises(Rejected) as caught:
        require_grant_at(replace(GRANT, suspended=True), at=ANCHORED)
    assert caught.value.reason is Reason.ISSUER_SUSPENDED


def test_a_key_stands_while_the_registry_had_it() -> None:
    assert require_key_at(KEY, at=T0) is KEY
    ended = replace(KEY, valid_until=ANCHORED + SECOND)
    assert require_key_at(ended, at=ANCHORED) is ended


@pytest.mark.parametrize(
    "key",
    [None, replace(KEY, valid_from=ANCHORED + SECOND), replace(KEY, valid_until=ANCHORED)],
)
def test_a_key_that_the_registry_did_not_have_is_unknown(key: ParticipantKey | None) -> None:
    with pytest.raises(Rejected) as caught:
        require_key_at(key, at=ANCHORED)
    assert caught.value.reason is Reason.ISSUER_KEY_UNKNOWN


def test_a_key_stolen_at_the_anchor_refuses_and_one_second_later_does_not() -> None:
    with pytest.raises(Rejected) as caught:
        require_key_at(replace(KEY, stolen_since=ANCHORED), at=ANCHORED)
    assert caught.value.reason is Reason.ISSUER_KEY_STOLEN
    later = replace(KEY, stolen_since=ANCHORED + SECOND)
    assert require_key_at(later, at=ANCHORED) is later
