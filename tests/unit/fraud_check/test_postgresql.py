"""The same promises on a real PostgreSQL, where writers do not wait for one another by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from fraud_check.client import NoticeDraft
from fraud_check.storage.query_log import check_queries
from passport.errors import Unavailable
from passport.fraud import NoticeKind, Transfer, TransferBatch, VerdictClass
from tests.simulators.hub_cast import HANDLE, LIN, LIN_A, Cast
from tests.simulators.hub_world import HubWorld
from tests.simulators.postgresql import running_postgresql

AT_ONCE = 8


@pytest.fixture(scope="module")
def postgresql_cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    with running_postgresql("hub") as server:
        world = HubWorld(tmp_path_factory.mktemp("hub"), database_url=server.url)
        world.start()
        cast = Cast(world)
        cast.offer()
        yield cast
        world.close()


def test_questions_at_once_get_one_verdict_each_and_one_unbroken_log(postgresql_cast: Cast) -> None:
    cast = postgresql_cast
    before = check_queries(cast.world.hub.database)
    shown = cast.world.presented(cast.a, cast.x, HANDLE)
    same, others = cast.question(), [cast.question(shown) for _ in range(AT_ONCE)]

    def ask(question: str) -> str:
        try:
            return cast.bank_x.ask(question).signed
        except Unavailable:
            return ""

    with ThreadPoolExecutor(AT_ONCE) as pool:
        verdicts = set(pool.map(ask, [same] * AT_ONCE))
        spent = list(pool.map(ask, others))
    assert len(verdicts) == 1
    assert "" not in verdicts
    assert len([one for one in spent if one]) == 1, "one key-binding, one verdict"
    assert check_queries(cast.world.hub.database) == before + 2


def test_everything_is_there_after_a_restart(postgresql_cast: Cast) -> None:
    cast = postgresql_cast
    now_ms = int(cast.world.clock.now().timestamp() * 1000)
    batch = TransferBatch(
        batch="bank-a-batch-0001",
        transfers=tuple(
            Transfer(
                id=f"transfer-{n:010d}", src=cast.lin_a, dst=cast.lin_b, at_ms=now_ms + n, amount_minor=n
            )
            for n in range(1_200)
        ),
    )
    cast.bank_a.send_transfers(batch)
    cast.police.notify(
        NoticeDraft(
            id="notice-0000000000000001",
            kind=NoticeKind.WARN,
            case="165",
            effective=cast.world.clock.now(),
            account=cast.lin_a,
            person=cast.lin,
        )
    )
    cast.world.restart()
    assert cast.ask().verdict.verdict_class is VerdictClass.BLOCK
    assert cast.world.hub.next_transfer == 1_200
    cast.bank_a.send_transfers(batch)
    assert cast.world.hub.next_transfer == 1_200
    assert len(cast.bank_b.alerts(after=0).alerts) == 1
    assert cast.bank_b.tokens([LIN_A, LIN])[LIN_A] == cast.lin_a
