"""A ledger that is gone for less than the three seconds of waiting sends nobody to a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from service.database import Database
from tests.simulators.verifier_desk import Desk
from verifier.patience import ShortPatience
from verifier.settings import VerifierSettings

PAUSE = 0.02


class LedgerComesBack:
    """Waiting as it is done, with a ledger that answers again after so many looks; no test waits for a clock."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.desk: Desk | None = None

    def until(self, condition: Callable[[], bool]) -> bool:
        assert self.desk is not None
        for _ in range(int(VerifierSettings.model_fields["anchor_wait_seconds"].default / PAUSE)):
            if condition():
                return True
            self.left -= 1
            if self.left <= 0:
                self.desk.ledger.down_since = None
        return condition()


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.5, ("verified", [])), (2.9, ("verified", [])), (60, ("review", ["ledger_unavailable"]))],
)
async def test_ledger_that_restarts_within_the_wait_leads_to_a_verdict(
    database: Database, seconds: float, expected: tuple[str, list[str]]
) -> None:
    waiting = LedgerComesBack(int(seconds / PAUSE))
    desk = Desk(database, parts={"patience": waiting})
    waiting.desk = desk
    opened = await desk.open()
    body = await opened.body()
    desk.ledger.go_down()
    desk.clock.advance(timedelta(seconds=1))
    assert (await opened.post(body)).status_code == 200
    result = await opened.result()
    assert (result["status"], result["reasons"]) == expected


def test_looks_are_no_further_apart_than_this_test_supposes() -> None:
    looks = 0

    def never() -> bool:
        nonlocal looks
        looks += 1
        return False

    assert not ShortPatience(0.1, pause=PAUSE).until(never)
    assert looks >= 2
    assert VerifierSettings.model_fields["anchor_wait_seconds"].default == 3
