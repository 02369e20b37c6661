"""The same transactions on a real PostgreSQL, which is what one machine is outgrown to (design section 2)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from passport.status import StatusValue
from service.database import Database
from service.migrations import upgrade
from tests.simulators.postgresql import running_postgresql
from tests.simulators.verifier_desk import MIGRATIONS, Desk


@pytest.fixture
def postgresql() -> Iterator[Database]:
    with running_postgresql("verifier") as server:
        opened = Database(server.url)
        upgrade(opened, MIGRATIONS)
        upgrade(opened, MIGRATIONS)
        yield opened
        opened.close()


async def test_one_presentation_gives_one_decision(postgresql: Database) -> None:
    desk = Desk(postgresql)
    opened = await desk.open()
    body = await opened.body()
    answers = await asyncio.gather(*(opened.post(body) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 19
    result = await opened.result()
    assert (result["status"], "disclosed" in result) == ("verified", True)
    assert "disclosed" not in await opened.result()
    desk.bank.publish({1: StatusValue.SUSPENDED})
    desk.follow()
    desk.restart()
    desk.follow()
    followed: Any = (await desk.api(f"/v1/applications/{opened.id}/follow-up")).json()
    assert followed["status"] == "suspended"
    with postgresql.read() as session:
        events = session.connection().exec_driver_sql("SELECT count(*) FROM webhook_event").scalar_one()
    assert events == 1
