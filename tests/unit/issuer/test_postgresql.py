"""The issuer on a real PostgreSQL: the same promises among many writers and two workers, and across a kill under load."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from issuer.settings import IssuerSettings
from issuer.storage.credentials import CredentialStore, Track
from issuer.wiring import assemble
from service.database import Database
from service.system import SystemEntropy
from tests.simulators.postgresql import PostgreSQL, running_postgresql

World = Any
FUNDS = "proof-of-funds"
LOAD_SECONDS = 1.0
INDEX_BYTES = 8


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQL]:
    with running_postgresql("issuer") as running:
        yield running


@pytest.fixture
def postgresql(server: PostgreSQL) -> Iterator[Database]:
    """Looked into from outside; emptied, so that each test has a bank of its own."""
    database = Database(server.url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    yield database
    database.close()


@pytest.fixture
def settings(settings: IssuerSettings, postgresql: Database) -> IssuerSettings:
    """The bank of the other tests, on this database."""
    return settings.model_copy(update={"database_url": postgresql.url})


def ask(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.read() as session:
        return [tuple(row) for row in session.connection().exec_driver_sql(query).all()]


@asynccontextmanager
async def second_worker(world: World) -> AsyncIterator[World]:
    """Another process's part: the same settings and surroundings, an application and connections of its own."""
    # Documents are signed by a process that one worker owns; the other needs none of it here.
    app = assemble(world.settings, replace(world.outside, documents=None))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=world.settings.base_url) as client,
    ):
        yield replace(world, app=app, client=client)


async def test_offer_race_between_two_workers_has_exactly_one_token(world: World) -> None:
    made = await world.offer()
    async with second_worker(world) as other:
        answers = await asyncio.gather(
            *(one.wallet().token(made["offer"], made["tx_code"]) for one in (world, other) for _ in range(20))
        )
    assert sorted(one.status_code for one in answers) == [200] + [400] * 39


async def test_wrong_codes_at_once_are_counted_each(world: World) -> None:
    made = await world.offer()
    wrong = "000000" if made["tx_code"] != "000000" else "111111"
    answers = await asyncio.gather(*(world.wallet().token(made["offer"], wrong) for _ in range(4)))
    assert {one.status_code for one in answers} == {400}
    assert (await world.wallet().token(made["offer"], made["tx_code"])).status_code == 200
    other = await world.offer()
    wrong = "000000" if other["tx_code"] != "000000" else "111111"
    await asyncio.gather(*(world.wallet().token(other["offer"], wrong) for _ in range(5)))
    assert (await world.wallet().token(other["offer"], other["tx_code"])).status_code == 400


async def test_one_nonce_at_two_workers_has_one_success(world: World) -> None:
    offers = [await world.offer() for _ in range(8)]
    nonce = await world.wallet().nonce()

    async def attempt(at: World, made: dict[str, str]) -> str:
        wallet = at.wallet()
        token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
        answer = await wallet.credential(token, FUNDS, wallet.proofs(nonce, wallet.keys[:1]))
        return str(answer.json().get("error", "issued"))

    async with second_worker(world) as other:
        outcomes = await asyncio.gather(
            *(attempt(world if n % 2 else other, made) for n, made in enumerate(offers))
        )
    assert sorted(outcomes) == ["invalid_nonce"] * 7 + ["issued"]


async def test_one_offer_asked_with_other_keys_at_once_gives_one_set(
    world: World, postgresql: Database
) -> None:
    made = await world.offer()
    token = (await world.wallet().token(made["offer"], made["tx_code"])).json()["access_token"]

    async def attempt() -> str:
        wallet = world.wallet()
        answer = await wallet.credential(token, FUNDS, wallet.proofs(await wallet.nonce()))
        return str(answer.json().get("error", "issued"))

    outcomes = await asyncio.gather(*(attempt() for _ in range(8)))
    assert Counter(outcomes)["issued"] == 1
    assert set(outcomes) <= {"issued", "credential_request_denied"}
    assert ask(postgresql, "SELECT count(*), count(DISTINCT list_index) FROM credential") == [(5, 5)]


@dataclass
class Interrupting:
    """Chance, which in the middle of making copies lets something else happen, once."""

    meanwhile: Callable[[], None] | None = None

    def token(self, size: int) -> bytes:
        happens, self.meanwhile = (self.meanwhile, None) if size == INDEX_BYTES else (None, self.meanwhile)
        if happens is not None:
            happens()
        return SystemEntropy().token(size)


async def test_track_that_begins_while_copies_are_made_leaves_none_of_them_valid(
    world: World, postgresql: Database
) -> None:
    """Each reads what the other is about to write: on one machine they take turns, here the database must see to it."""
    entropy, tracks = Interrupting(), CredentialStore(postgresql)
    app = assemble(world.settings, replace(world.outside, documents=None, entropy=entropy))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=world.settings.base_url) as client,
    ):
        made, wallet = await world.offer(), replace(world, client=client).wallet()
        token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
        proofs = wallet.proofs(await wallet.nonce())
        happened: list[int] = []
        track = Track("case-1", "lin", "warning", world.clock.now())
        entropy.meanwhile = lambda: happened.append(tracks.begin_track(track))
        answer = await wallet.credential(token, FUNDS, proofs)
    # The track began when there was no copy to suspend, and the copies looked before there was a track.
    assert happened == [0]
    assert answer.json()["error"] == "credential_request_denied"
    assert ask(postgresql, "SELECT count(*) FROM credential") == [(0,)]


async def test_two_workers_anchor_every_leaf_once_and_publish_one_list(
    world: World, postgresql: Database
) -> None:
    async with second_worker(world) as other:
        for at in (world, other) * 3:
            made = await at.offer()
            wallet = at.wallet()
            assert len(await wallet.accept(made["offer"], made["tx_code"])) == 5
        await until_anchored(postgresql)
        asked = await world.officer("wu", "/credentials/revoke", {"customer": "lin", "reason": "closed"})
        revoked = await asyncio.gather(
            *(
                at.officer(name, f"/revocations/{asked.json()['revocation_id']}/approve")
                for name, at in (("kao", world), ("lo", other))
            )
        )
        # Two officers agree at the same moment in two workers: one of them did it.
        assert sorted(one.status_code for one in revoked) == [200, 409]
        assert sum(one.json().get("revoked", 0) for one in revoked) == 30
    leaves = ask(postgresql, "SELECT count(*), count(DISTINCT leaf) FROM leaf")
    assert leaves == [(30, 30)]
    assert ask(postgresql, "SELECT count(*) FROM batch WHERE anchored_at = 0") == [(0,)]


async def until_anchored(database: Database) -> None:
    for _ in range(400):
        waiting = ask(
            database,
            "SELECT (SELECT count(*) FROM leaf WHERE batch_root IS NULL)"
            " + (SELECT count(*) FROM batch WHERE anchored_at = 0)",
        )
        if waiting == [(0,)]:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("expected every leaf to be anchored")


@dataclass
class Customer:
    """Somebody who goes on through an outage: asks, and asks again, and remembers what was acknowledged."""

    world: World
    made: dict[str, str]
    statuses: Counter[int] = field(default_factory=Counter)
    texts: list[str] = field(default_factory=list)

    async def persist(self, what: Any) -> httpx.Response:
        for _ in range(600):
            answer: httpx.Response = await what()
            self.statuses[answer.status_code] += 1
            if answer.status_code != 503:
                return answer
            await asyncio.sleep(0.05)
        raise AssertionError("expected an answer after the outage")

    async def get_credential(self) -> None:
        wallet = self.world.wallet(dpop=True)
        made = self.made
        answer = await self.persist(lambda: wallet.token(made["offer"], made["tx_code"]))
        assert answer.status_code == 200, answer.text
        token = answer.json()["access_token"]
        proofs = wallet.proofs(
            (await self.persist(lambda: wallet.client.post("/oid4vci/nonce"))).json()["c_nonce"]
        )
        answer = await self.persist(lambda: wallet.credential(token, FUNDS, proofs))
        assert answer.status_code == 200, answer.text
        self.texts = [one["credential"] for one in answer.json()["credentials"]]
        # Acknowledged is acknowledged: the same request has the same bytes.
        again = await self.persist(lambda: wallet.credential(token, FUNDS, proofs))
        assert again.status_code == 200, again.text
        assert [one["credential"] for one in again.json()["credentials"]] == self.texts


@pytest.mark.parametrize("how", ["killed", "restarted"])
async def test_postgresql_killed_or_restarted_under_load_loses_and_doubles_nothing(
    world: World, server: PostgreSQL, postgresql: Database, how: str
) -> None:
    people = [Customer(world, await world.offer()) for _ in range(24)]

    async def one_after_another(some: list[Customer]) -> None:
        for person in some:
            await person.get_credential()

    load = asyncio.gather(*(one_after_another(people[start::6]) for start in range(6)))
    while sum(bool(person.texts) for person in people) < 3:  # noqa: ASYNC110 - somebody was served, many are under way
        await asyncio.sleep(0.01)
    if how == "killed":
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(LOAD_SECONDS)
        assert (await world.client.get("/health/ready")).status_code == 503
        await asyncio.to_thread(server.start)
    else:
        await asyncio.to_thread(server.restart)
    await load
    statuses = sum((person.statuses for person in people), Counter[int]())
    assert set(statuses) <= {200, 503}
    assert statuses[503] > 0 or how == "restarted"
    assert (await world.client.get("/health/live")).status_code == 200
    rows = ask(
        postgresql,
        "SELECT count(*), count(DISTINCT list_index), count(DISTINCT leaf), count(text) FROM credential",
    )
    assert rows == [(24 * 5,) * 4]
    stored = {row[0] for row in ask(postgresql, "SELECT text FROM credential")}
    assert stored == {text for person in people for text in person.texts}
    await until_anchored(postgresql)
    assert ask(postgresql, "SELECT count(*), count(DISTINCT leaf) FROM leaf") == [(120, 120)]
