"""What a caller sent is refused alike on SQLite and on a real PostgreSQL, whether it is looked up or stored (threat T47)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import APIRouter, Depends
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Field, Session, SQLModel, select

from passport.errors import Malformed
from service.access import OpenTo
from service.app import HouseApp, create_app
from service.database import Database
from tests.simulators.postgresql import running_postgresql


class NoteRow(SQLModel, table=True):
    __tablename__ = "note_of_the_tests"

    id: int | None = Field(default=None, primary_key=True)
    words: str


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    def opened(url: str) -> Iterator[Database]:
        made = Database(url)
        NoteRow.metadata.tables["note_of_the_tests"].create(made.engine)
        yield made
        made.close()

    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("text")
        yield from opened(f"sqlite:///{folder / 'notes.sqlite'}")
    else:
        with running_postgresql("text") as server:
            yield from opened(server.url)


def keep(database: Database, words: str) -> None:
    def work(session: Session) -> None:
        session.add(NoteRow(words=words))

    database.write(work)


def found(database: Database, words: str) -> bool:
    with database.read() as session:
        return session.exec(select(NoteRow.id).where(NoteRow.words == words)).first() is not None


@pytest.mark.parametrize("words", ["\0", "a\0", "\0b", "林\0", "\ud800", "a\udfffb", "\ude00\ud83d"])
def test_text_that_one_database_would_refuse_is_refused_by_both(database: Database, words: str) -> None:
    with pytest.raises(Malformed, match="expected text") as stored:
        keep(database, words)
    with pytest.raises(Malformed):
        found(database, words)
    assert words not in str(stored.value)
    # Nothing of it is in the way of the next.
    keep(database, "good")
    assert found(database, "good")


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**40])
def test_a_number_of_more_than_64_bits_is_refused_by_both(database: Database, number: int) -> None:
    with pytest.raises(Malformed, match="64 bits"), database.read() as session:
        session.exec(select(NoteRow.id).where(NoteRow.id == number)).first()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(st.characters(codec=None), max_size=12))
def test_any_text_is_kept_as_it_is_or_refused(database: Database, words: str) -> None:
    try:
        keep(database, words)
    except Malformed:
        assert "\0" in words or any(0xD800 <= ord(letter) < 0xE000 for letter in words)
        return
    assert found(database, words)


def test_a_refused_piece_takes_nobody_elses_with_it(database: Database) -> None:
    def work(session: Session) -> None:
        session.add(NoteRow(words="beside"))
        session.flush()
        session.add(NoteRow(words="\0"))

    with pytest.raises(Malformed):
        database.write(work)
    assert not found(database, "beside")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/notes/a", b'{"words":"good"}', 200),
        ("/notes/a%00", b"{}", 400),
        ("/notes/a?b=%00", b"{}", 400),
        ("/notes/a", b'{"words":"a\\u0000"}', 400),
        ("/notes/a", b'{"deep":[{"a\\u0000":1}]}', 400),
        ("/notes/a", b'{"words":"a\\\\u0000"}', 200),  # A backslash and letters, and no NUL.
        ("/notes/a", b'{"words":"\\\\\\u0000"}', 400),
    ],
)
async def test_the_gate_of_every_service_lets_no_nul_in(path: str, body: bytes, status: int) -> None:
    router = APIRouter(dependencies=[Depends(OpenTo("tests"))])

    @router.post("/notes/{name}")
    async def note(name: str) -> dict[str, str]:
        return {"name": name}

    app = create_app(HouseApp("notes", (router,)))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://notes.example"
    ) as client:
        answer = await client.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    if status == 400:
        assert answer.json()["error"] == "invalid_request"
