"""What each bank knew when has one answer: its stream."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fraud_check.client import HeldAccount
from fraud_check.storage.alerts import known_to
from passport.errors import Reason, Rejected
from passport.fraud import Alert, AlertKind, AlertPage
from passport.fraud.names import ALERT_TYP, ALERTS_PATH
from passport.registry import Role
from tests.simulators.hub_cast import Cast


def test_what_a_bank_knew_at_a_time_is_its_stream_up_to_then(cast: Cast) -> None:
    cast.offer()
    cast.bank_b.link_accounts([HeldAccount(cast.lin_b, cast.lin)])
    before = cast.world.clock.now()
    cast.warn()
    after = cast.world.clock.now()
    database, a, b = cast.world.hub.database, str(cast.a.did), str(cast.b.did)
    assert [known_to(database, bank, at=before) for bank in (a, b)] == [0, 0]
    assert [known_to(database, bank, at=after) for bank in (a, b)] == [1, 2]
    assert cast.bank_b.alerts(after=0).newest == known_to(database, b, at=after)


def test_a_bank_that_joins_later_finds_the_whole_history_under_the_same_numbers(cast: Cast) -> None:
    cast.offer()
    cast.warn()
    cast.lift()
    late = cast.world.member(cast.world.participant(Role.MEMBER))
    alerts = [one.alert for one in late.alerts(after=0).alerts]
    assert [(one.n, one.kind) for one in alerts] == [(1, AlertKind.WARNING), (2, AlertKind.LIFTED)]
    assert [one.alert.n for one in late.alerts(after=1).alerts] == [2]


def test_alert_replay_idempotent(cast: Cast) -> None:
    cast.offer()
    cast.warn()
    first, again = cast.bank_a.alerts(after=0), cast.bank_a.alerts(after=0)
    assert [one.alert.jti for one in first.alerts] == [one.alert.jti for one in again.alerts]
    content = [one.alert.model_copy(update={"iat": 0}) for one in (first.alerts[0], again.alerts[0])]
    assert content[0] == content[1]


def test_alert_wrong_aud(cast: Cast) -> None:
    cast.offer()
    cast.warn()
    stolen = cast.bank_a.alerts(after=0).alerts[0].signed
    impostor = cast.world.connection(cast.b)
    with pytest.raises(Rejected) as refused:
        impostor.open(stolen, typ=ALERT_TYP, kind=Alert)
    assert refused.value.reason is Reason.AUDIENCE_MISMATCH
    cast.world.clock.moved = timedelta(minutes=6)
    with pytest.raises(Rejected) as old:
        cast.world.connection(cast.a).open(stolen, typ=ALERT_TYP, kind=Alert)
    assert old.value.reason is Reason.EXPIRED


@pytest.mark.parametrize("after", ["-1", "x", "1e3", str(2**60)])
def test_a_number_that_is_none_is_a_clear_error(cast: Cast, after: str) -> None:
    bank = cast.world.connection(cast.a)
    with pytest.raises(Rejected) as refused:
        bank.get(f"{ALERTS_PATH}?after={after}", answer=AlertPage)
    assert refused.value.reason is Reason.REQUEST_INVALID
