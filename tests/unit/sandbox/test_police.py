"""``passport notice …``: each of the hub's seven kinds of notice, at a real hub, in words for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

import cli.police
import sandbox.police
from cli.police import notice
from fraud_check.client import MemberClient, PoliceClient
from passport.fraud import AlertKind, NoticeKind
from passport.registry import Role
from sandbox.police import Police
from sandbox.world import World, make_world
from tests.simulators.hub_world import HubWorld, Participant


@dataclass
class Desks:
    """The police's client at the test's hub, and a folder to remember notices in."""

    hub: HubWorld
    who: Participant
    folder: Path

    @contextmanager
    def police(self) -> Iterator[PoliceClient]:
        yield self.hub.police(self.who)

    @property
    def installation(self) -> Any:
        return SimpleNamespace(state=lambda name: self.folder / name)


@dataclass
class Station:
    """What a person types, and what a member hears of it."""

    member: MemberClient
    hub: HubWorld

    def run(self, *words: str) -> tuple[int, str]:
        ended = CliRunner().invoke(notice, list(words))
        return ended.exit_code, ended.output

    def json(self, *words: str) -> tuple[int, dict[str, Any]]:
        code, said = self.run(*words, "--json")
        return code, json.loads(said)

    def heard(self) -> list[AlertKind]:
        return [one.alert.kind for one in self.member.alerts(after=0).alerts]


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(seed=7, today=datetime.now(UTC).date(), accounts=600, transfers=2000)


@pytest.fixture
def station(tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Station]:
    hub = HubWorld(tmp_path)
    hub.start()
    desks: Any = Desks(hub, hub.participant(Role.POLICE), tmp_path)
    monkeypatch.setattr(sandbox.police, "open_police", lambda _root: Police(desks, world))
    monkeypatch.setattr(cli.police, "find_world", lambda _: SimpleNamespace(path=tmp_path / "sandbox.json"))
    yield Station(hub.member(hub.participant(Role.MEMBER)), hub)
    hub.close()


def days_from_now(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def test_there_is_a_command_for_each_kind_of_notice() -> None:
    """A kind that is added to the hub wants a command: ``holder`` alone is no notice."""
    commands = {one.name or one.callback.__name__ for one in notice.registered_commands if one.callback}
    assert commands - {"holder"} == {kind.value for kind in NoticeKind}
    for command in sorted(commands):
        ended = CliRunner().invoke(notice, [command, "--help"])
        assert ended.exit_code == 0
        assert "--json" in ended.output


def test_each_kind_of_notice_is_taken_and_told(station: Station) -> None:
    for words, kind, heard in (
        (("warn", "--customer", "tsai", "--form", "phone"), "warn", AlertKind.WARNING),
        (("document", "--customer", "tsai"), "document", None),
        (
            ("extend", "--customer", "tsai", "--until", days_from_now(2 * 365 + 200)),
            "extend",
            AlertKind.EXTENDED,
        ),
        (("lift", "--customer", "tsai"), "lift", AlertKind.LIFTED),
        (("admonish", "--customer", "tsai"), "admonish", AlertKind.ADMONITION),
        (("earmark", "--customer", "tsai", "--elsewhere"), "earmark", AlertKind.EARMARK),
        (("impersonated", "--customer", "tsai", "--elsewhere"), "impersonated", AlertKind.IMPERSONATED),
    ):
        before = len(station.heard())
        code, said = station.json(*words)
        assert (code, said["kind"]) == (0, kind), said
        assert said["case"].startswith("165-")
        assert said["notice"].startswith(f"{kind}-{said['case']}")
        assert datetime.fromisoformat(said["effective"]).tzinfo is not None
        assert station.heard()[before:] == ([] if heard is None else [heard])


def test_a_person_reads_what_follows(station: Station) -> None:
    code, said = station.run("warn", "--customer", "tsai", "--form", "fax", "--elsewhere")
    assert code == 0
    assert "passport notice lift --customer tsai --elsewhere" in said
    assert "passport notice document --customer tsai --elsewhere" in said
    assert "48 hours" in station.run("earmark", "--customer", "tsai")[1]
    assert "Nothing takes this back" in station.run("impersonated", "--customer", "tsai")[1]
    assert (
        "passport bank cause-gone --customer tsai"
        in station.run("lift", "--customer", "tsai", "--elsewhere")[1]
    )


@pytest.mark.parametrize(
    ("words", "code", "error", "says"),
    [
        (("warn", "--customer", "nobody"), 1, "not_found", "customer of the sandbox"),
        (("lift", "--customer", "tsai"), 1, "not_found", "expected a listed account of tsai"),
        (("document", "--customer", "tsai"), 1, "not_found", "expected a listed account of tsai"),
        (
            ("extend", "--customer", "tsai", "--until", "2031-01-01"),
            1,
            "not_found",
            "expected a listed account",
        ),
        (("extend", "--customer", "tsai", "--until", "2031-02-30"), 2, "malformed", "YYYY-MM-DD"),
        (("extend", "--customer", "tsai", "--until", "soon"), 2, "malformed", "YYYY-MM-DD"),
    ],
)
def test_what_is_refused_says_why(
    station: Station, words: tuple[str, ...], code: int, error: str, says: str
) -> None:
    ended, said = station.json(*words)
    assert (ended, said["error"]) == (code, error)
    assert says in said["error_description"]
    assert station.heard() == []


def test_the_laws_refusals_reach_the_person(station: Station) -> None:
    """At most a year, once; and an account is listed once."""
    assert station.run("warn", "--customer", "tsai")[0] == 0
    ended, said = station.json("warn", "--customer", "tsai")
    assert (ended, said["error"]) == (1, "conflict")
    ended, said = station.json("extend", "--customer", "tsai", "--until", days_from_now(4 * 365))
    assert (ended, said["error"]) == (1, "conflict")
    assert "at most one year" in said["error_description"]
    until = days_from_now(2 * 365 + 100)
    assert station.run("extend", "--customer", "tsai", "--until", until)[0] == 0
    ended, said = station.json("extend", "--customer", "tsai", "--until", until)
    assert "once is the rule" in said["error_description"]


def test_the_police_say_whose_an_account_is(station: Station) -> None:
    code, said = station.json("holder", "--customer", "tsai", "--elsewhere")
    assert (code, said) == (0, {"kind": "holder", "customer": "tsai", "holds": True})
    assert "does not hold" in station.run("holder", "--customer", "tsai", "--elsewhere", "--not")[1]
    assert station.heard() == []
