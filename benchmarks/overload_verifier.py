"""The verifier of ``benchmarks.overload``: two credentials in an encrypted answer, decided without a hub; its ledger in memory."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI

import tests.simulators.verifier_desk as simulated
from benchmarks.overload_load import Failed, Journey, Line
from benchmarks.overload_services import FORM, JSON
from passport.jose import parse_compact
from passport.openid4vp import (
    AuthorizationRequest,
    AuthorizationResponse,
    EncryptedResponse,
    RequestLink,
    read_request,
)
from passport.strict_json import loads
from service.database import Database
from service.migrations import upgrade
from service.server import bind

_BATCHES, _IN_A_BATCH = 8, 4
Shown = Mapping[str, tuple[str, Sequence[tuple[str | int | None, ...]]]]
_BANK = {"Authorization": f"Bearer {simulated.TOKEN}", **JSON}


class OverloadedVerifier:
    """A journey is an application opened, its request fetched, two credentials shown, and the decision read."""

    keeps_lines = False
    name, first, whole, most_expected = "verifier", "applications", "decisions", 100

    def __init__(self, folder: Path, database_url: str) -> None:
        self._url = database_url or f"sqlite:///{folder / 'verifier.sqlite'}"
        self.listener = bind("127.0.0.1", 0)
        database = Database(self._url)
        upgrade(database, simulated.MIGRATIONS)
        self._desk = simulated.Desk(database)
        self._shown: list[Shown] = []
        for _ in range(_BATCHES):
            self._shown += [self._desk.credentials() for _ in range(_IN_A_BATCH)]
            self._desk.anchor()
        database.close()
        self._chance = random.Random(7)  # noqa: S311 - who shows what, the same each time

    def build(self) -> FastAPI:
        """The verifier, which has followed the bank before anybody comes."""
        self._desk.database = Database(self._url)
        self._desk.restart()
        self._desk.follow()
        return self._desk.app

    def prepare(self, number: int) -> None:
        """Nothing: an answer can be made only for its request."""

    def next_journey(self) -> Journey:
        """One applicant's."""
        shown = self._chance.choice(self._shown)

        async def journey(line: Line, begun: Callable[[], None]) -> None:
            new = json.dumps({"policy": "account-opening"}).encode()
            opened = json.loads((await line.ask("POST", "/v1/applications", new, _BANK)).body)
            begun()
            link = RequestLink.parse(opened["request"])
            path = urlsplit(link.request_uri or "").path
            fetched = await line.ask("GET", path)
            request = read_request(loads(parse_compact(fetched.body.decode()).unverified_payload))
            body = self._answer(request, shown)
            await line.ask("POST", path.replace("/requests/", "/responses/"), body, FORM)
            result = await line.ask("GET", f"{urlsplit(opened['result_url']).path}?wait=10")
            if json.loads(result.body)["status"] != "verified":
                raise Failed(f"expected verified, got {result.body[:200]!r}")

        return journey

    def _answer(self, request: AuthorizationRequest, shown: Shown) -> bytes:
        holder = self._desk.holder
        presented = {
            query: (holder.show(credential, paths, nonce=request.nonce, aud=request.client_id),)
            for query, (credential, paths) in shown.items()
        }
        response = AuthorizationResponse.read({"vp_token": presented, "state": request.state})
        if request.client_metadata is None:
            raise Failed("expected a request that wants an encrypted answer")
        key, kid, enc = request.client_metadata.encryption()
        return EncryptedResponse.encrypt(response, recipient=key, kid=kid, enc=enc).to_form()
