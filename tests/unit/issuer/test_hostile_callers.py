"""Bodies made to break parsers, on every route: never a 5xx, never a trace (threats.md T47); and what links copies."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from issuer.settings import IssuerSettings
from issuer.storage.journal import LIST_SIZE, Journal
from issuer.wiring import MIGRATIONS, Outside, assemble
from passport.sd_jwt import parse
from passport.strict_json import JsonValue, loads
from service.access import declared_access
from service.database import Database
from service.migrations import upgrade
from service.system import SystemEntropy

World = Any
OPERATOR = {"Authorization": "Bearer operator-token-of-the-tests"}

CORPUS: dict[str, tuple[str, bytes]] = {
    "empty": ("application/json", b""),
    "not json": ("application/json", b"{"),
    "a number": ("application/json", b"7"),
    "null": ("application/json", b"null"),
    "an array": ("application/json", b"[]"),
    "duplicate names": ("application/json", b'{"customer":"lin","customer":"chen"}'),
    "not a number": ("application/json", b'{"customer":NaN}'),
    "huge integer": ("application/json", b'{"as_of":' + b"9" * 500 + b"}"),
    "deep": ("application/json", b'{"a":' * 500 + b"1" + b"}" * 500),
    "lone surrogate": ("application/json", b'{"customer":"\\ud800"}'),
    "control characters": ("application/json", b'{"customer":"\\u0000\\u001b]52;c;x\\u0007"}'),
    "not utf-8": ("application/json", b'{"customer":"\xff\xfe"}'),
    "byte order mark": ("application/json", b"\xef\xbb\xbf{}"),
    "form": ("application/x-www-form-urlencoded", b"grant_type=%ff&grant_type=x&&&==&tx_code=%00"),
    "many fields": ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(2000))),
    "no type": ("", b'{"customer":"lin"}'),
    "odd type": ("multipart/form-data; boundary=x", b"--x\r\n\r\n--x--"),
    "too large": ("application/json", b" " * (300 * 1024)),
}


@pytest.mark.parametrize("name", list(CORPUS))
async def test_no_body_makes_a_route_fail(world: World, name: str) -> None:
    kind, body = CORPUS[name]
    wallet = world.wallet()
    made = await world.offer()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    for (method, path), words in declared_access(world.app.routes).items():
        if method != "POST":
            continue
        headers = {"Content-Type": kind} if kind else {}
        if words.startswith("bearer secret"):
            headers |= OPERATOR
        elif words.startswith("access token"):
            headers |= {"Authorization": f"Bearer {token}"}
        elif words.startswith("session"):
            headers |= {"Authorization": "Bearer x"}
        answer = await world.client.post(path.replace("{offer_id}", "x"), content=body, headers=headers)
        refused_or_no_body_needed = answer.status_code < 500
        assert refused_or_no_body_needed, (path, answer.text)
        assert "Traceback" not in answer.text
        assert "\x1b" not in answer.text
        if answer.status_code >= 400:
            assert isinstance(answer.json()["error"], str)


@pytest.mark.parametrize(
    "path", ["/status/-1", "/status/99999999999999999999", "/leaves/zz", "/v1/offers/" + "x" * 5000]
)
async def test_no_path_makes_a_route_fail(world: World, path: str) -> None:
    assert (await world.client.get(path)).status_code in {400, 401, 404}


async def test_haip_profile_takes_no_bearer_tokens(settings: IssuerSettings, world: World) -> None:
    strict = settings.model_copy(update={"haip": True, "state_dir": settings.state_dir / "strict"})
    outside: Outside = world.outside
    app = assemble(strict, outside)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=settings.base_url) as client,
    ):
        body = {"customer": "lin", "credentials": ["identity"]}
        made = (await client.post("/v1/operator/offers", json=body, headers=OPERATOR)).json()
        bare, bound = world.wallet(), world.wallet(dpop=True)
        bare.client = bound.client = client
        refused = await bare.token(made["offer"], made["tx_code"])
        assert refused.json()["error"] == "invalid_dpop_proof"
        taken = await bound.token(made["offer"], made["tx_code"])
        assert taken.json()["token_type"] == "DPoP"


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


async def test_two_copies_share_nothing_that_could_link_them(world: World) -> None:
    made = await world.offer()
    first, second = (await world.wallet().accept(made["offer"], made["tx_code"]))[:2]
    payloads = [loads(parse(one).issuer_jwt.unverified_payload) for one in (first, second)]
    shared = set(_texts(payloads[0])) & set(_texts(payloads[1]))
    settings = world.settings
    assert shared == {
        settings.base_url, f"{settings.base_url}/status/1", settings.hub_did,
        settings.contracts["AnchorRegistry"], "urn:financial-passport:proof-of-funds:1", "EC", "P-256", "sha-256",
    }  # fmt: skip
    disclosures = [set(parse(one).disclosures) for one in (first, second)]
    assert not disclosures[0] & disclosures[1]


async def test_every_customer_gets_the_same_number_of_digests(world: World) -> None:
    counts = set()
    for customer in ("lin", "chen"):
        made = await world.offer(customer)
        text = (await world.wallet().accept(made["offer"], made["tx_code"]))[0]
        counts.add(json.dumps(loads(parse(text).issuer_jwt.unverified_payload)["_sd"]).count(","))  # type: ignore[index,call-overload]
    assert len(counts) == 1


def test_status_index_uniform_chi2(tmp_path: Any) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    upgrade(database, MIGRATIONS)
    journal = Journal(database, SystemEntropy())
    buckets = 16
    with database.read() as session:
        drawn = [journal._free_index(session) for _ in range(1600)]
    database.close()
    counts = Counter(one * buckets // LIST_SIZE for one in drawn)
    chi2 = sum((counts[n] - 100) ** 2 / 100 for n in range(buckets))
    # 15 degrees of freedom: above 45 once in ten thousand runs.
    assert chi2 < 45
