from __future__ import annotations

import logging
import threading
import time

import pytest

from issuer.background import Background, Job
from passport.errors import Reason, Unavailable


def test_a_failing_job_is_tried_again_logged_ever_more_rarely_and_reported_well(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done = threading.Event()
    calls: list[int] = []

    def work() -> None:
        calls.append(1)
        if len(calls) <= 20:
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "away")
        if len(calls) > 21:
            done.set()

    caplog.set_level(logging.INFO, logger="issuer.background")
    background = Background([Job("anchor", 0.001, work)])
    background.start()
    assert done.wait(10)
    background.stop()
    events = [one.msg for one in caplog.records]
    assert events == ["job_failed"] * 5 + ["job_recovered"]


def test_a_bug_ends_neither_its_job_nor_another() -> None:
    done = threading.Event()
    calls: list[int] = []

    def broken() -> None:
        calls.append(1)
        if len(calls) > 3:
            done.set()
        raise ZeroDivisionError

    other = threading.Event()
    background = Background([Job("broken", 0.001, broken), Job("other", 0.001, other.set)])
    background.start()
    assert done.wait(10)
    assert other.wait(10)
    background.stop()
    stopped = len(calls)
    time.sleep(0.02)
    assert len(calls) == stopped
