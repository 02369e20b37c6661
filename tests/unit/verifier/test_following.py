"""Following banks: none of them holds up another."""

from __future__ import annotations

import threading

from passport.identifiers import Address
from verifier.use_cases.follow_banks import FetchQueue

MUTE, BANK_A = Address("0x" + "0e" * 20), Address("0x" + "0a" * 20)


def test_bank_that_does_not_answer_holds_up_no_other() -> None:
    queue = FetchQueue()
    answers, fetched = threading.Event(), threading.Event()

    def be_mute() -> None:
        answers.wait(10)

    try:
        for number in range(32):
            queue.submit(MUTE, ("leaves", number), be_mute)
        queue.submit(BANK_A, "status", fetched.set)
        assert fetched.wait(2)
    finally:
        answers.set()
        queue.close()


def test_everything_that_waits_for_one_bank_is_fetched_in_the_end() -> None:
    queue = FetchQueue()
    fetched: list[int] = []
    all_here = threading.Event()

    def fetch(number: int) -> None:
        fetched.append(number)
        if len(fetched) == 20:
            all_here.set()

    try:
        for number in range(20):
            queue.submit(BANK_A, number, lambda number=number: fetch(number))  # type: ignore[misc]
        assert all_here.wait(5)
    finally:
        queue.close()
    assert fetched == list(range(20))
    assert queue.waiting == {}
