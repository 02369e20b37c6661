from __future__ import annotations

import logging
import threading
import time

import pytest

from passport.errors import Reason, Unavailable
from service.jobs import LONGEST_PAUSE_SECONDS, Job, JobRunner, WakeUp, pause_after


def test_a_failing_job_is_tried_again_logged_ever_more_rarely_and_reported_well(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done = threading.Event()
    calls: list[int] = []

    def work() -> None:
        calls.append(1)
        if len(calls) <= 8:
            raise Unavailable(Reason.LEDGER_UNAVAILABLE, "away")
        if len(calls) > 9:
            done.set()

    caplog.set_level(logging.INFO, logger="service.jobs")
    runner = JobRunner([Job("anchor", 0.001, work)])
    runner.start()
    assert done.wait(10)
    runner.stop()
    events = [one.msg for one in caplog.records]
    assert events == ["job_failed"] * 4 + ["job_recovered"]


def test_a_bug_ends_neither_its_job_nor_another() -> None:
    done = threading.Event()
    calls: list[int] = []

    def broken() -> None:
        calls.append(1)
        if len(calls) > 3:
            done.set()
        raise ZeroDivisionError

    other = threading.Event()
    runner = JobRunner([Job("broken", 0.001, broken), Job("other", 0.001, other.set)])
    runner.start()
    assert done.wait(10)
    assert other.wait(10)
    runner.stop()
    stopped = len(calls)
    time.sleep(0.02)
    assert len(calls) == stopped


def test_wake_up_ends_the_pause_and_is_not_lost_while_work_goes_on() -> None:
    wake_up, twice = WakeUp(), threading.Event()
    calls: list[int] = []

    def work() -> None:
        calls.append(1)
        if len(calls) == 1:
            wake_up.give()
        else:
            twice.set()

    runner = JobRunner([Job("woken", 3600, work, wake_up)])
    runner.start()
    assert twice.wait(10)
    runner.stop()
    assert len(calls) == 2


def test_last_round_comes_after_every_job_has_stopped() -> None:
    began, finish, order = threading.Event(), threading.Event(), list[str]()

    def slow() -> None:
        began.set()
        assert finish.wait(10)
        order.append("slow")

    runner = JobRunner(
        [Job("kept", 3600, lambda: order.append("kept"), last_round=True), Job("slow", 3600, slow)]
    )
    runner.start()
    assert began.wait(10)
    threading.Timer(0.05, finish.set).start()
    runner.stop()
    assert order == ["kept", "slow", "kept"]


def test_runner_that_never_started_stops_and_has_its_last_round() -> None:
    order: list[str] = []
    JobRunner([Job("kept", 3600, lambda: order.append("kept"), last_round=True)]).stop()
    assert order == ["kept"]


@pytest.mark.parametrize(
    ("failures", "seconds", "pause"),
    [
        (0, 0.2, 0.2),
        (1, 0.2, 0.2),
        (2, 0.2, 0.4),
        (4, 0.2, 1.6),
        (5, 0.2, LONGEST_PAUSE_SECONDS),
        (10_000, 0.2, LONGEST_PAUSE_SECONDS),
        (3, 60.0, 60.0),
    ],
)
def test_pause_grows_with_failures_up_to_a_bound(failures: int, seconds: float, pause: float) -> None:
    assert pause_after(failures, seconds) == pytest.approx(pause)
