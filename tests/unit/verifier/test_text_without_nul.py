"""A NUL in whatever a caller sends is the caller's error, on SQLite and on a real PostgreSQL alike (threat T47)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from passport import forms
from service.database import Database
from service.migrations import upgrade
from tests.simulators.postgresql import running_postgresql
from tests.simulators.verifier_desk import MIGRATIONS, TOKEN, Desk, open_database

NUL = "lin\0"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, database_folder: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        opened = open_database(database_folder)
        yield opened
        opened.close()
    else:
        with running_postgresql("nul-verifier") as server:
            opened = Database(server.url)
            upgrade(opened, MIGRATIONS)
            yield opened
            opened.close()


async def test_a_nul_is_the_callers_error_at_every_door(kept: Database) -> None:
    desk = Desk(kept)
    opened = await desk.open()
    api = {"Authorization": f"Bearer {TOKEN}"}
    applications = "/v1/applications"
    asked: list[tuple[str, str, dict[str, str], object]] = [
        ("GET", "/oid4vp/requests/lin%00", {}, None),
        ("POST", "/oid4vp/requests/lin%00", {}, None),
        ("POST", "/oid4vp/responses/lin%00", {}, None),
        ("GET", "/v1/results/lin%00?wait=0", {}, None),
        ("GET", f"{applications}/lin%00", api, None),
        ("GET", f"{applications}/lin%00/follow-up", api, None),
        ("POST", applications, api, {"policy": NUL}),
        ("POST", applications, api, {"policy": "account-opening", "reference": NUL}),
        ("POST", applications, api, {"policy": "account-opening", "applicant_name": NUL}),
    ]
    for method, path, headers, body in asked:
        answer = await desk.client.request(method, path, headers=headers, json=body)
        assert answer.status_code == 400, (path, body, answer.status_code, answer.text)
        assert NUL not in answer.text
    for fields in (
        {"wallet_nonce": NUL},
        {"wallet_metadata": NUL},
    ):
        answer = await desk.client.post(opened.request_path, content=forms.write_form(fields), headers=FORM)
        assert answer.status_code in {200, 400}, (fields, answer.text)
    for fields in ({"response": NUL}, {"vp_token": NUL}, {"error": "x", "state": NUL}):
        answer = await opened.post(forms.write_form(fields), anchored=False)
        assert answer.status_code == 400, (fields, answer.text)
    assert (await opened.answer()).status_code == 200
    assert (await opened.result())["status"] == "verified"


async def test_a_nul_within_a_credential_is_shown_or_refused_and_never_a_fault(kept: Database) -> None:
    """What an accredited bank signs reaches the database, too: the values that an officer is shown, once."""
    desk = Desk(kept)
    for spoiled in (
        {"name": "LIN, YU-CHEN\0"},
        {"status": {"status_list": {"idx": 0, "uri": "https://bank-a.example/\0"}}},
    ):
        opened = await desk.open()
        answer = await opened.answer(desk.credentials(**spoiled))
        assert answer.status_code in {200, 400}, answer.text
        assert (await opened.result())["status"] in {"review", "refused", "verified"}
