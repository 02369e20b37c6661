"""A NUL in whatever a caller sends is the caller's error, on SQLite and on a real PostgreSQL alike (threat T47)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from issuer.settings import IssuerSettings
from issuer.use_cases.sign_in import one_time_code
from passport.clock import to_epoch
from tests.simulators.postgresql import running_postgresql

World = Any
NUL = "lin\0"
OPERATOR = {"Authorization": "Bearer operator-token-of-the-tests"}
OFFICER = {"Authorization": "Bearer token-of-officer-wu"}


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(settings: IssuerSettings, request: pytest.FixtureRequest) -> Iterator[IssuerSettings]:
    if request.param == "sqlite":
        yield settings
    else:
        with running_postgresql("nul") as server:
            yield settings.model_copy(update={"database_url": server.url})


async def session(world: World) -> dict[str, str]:
    otp = one_time_code("JBSWY3DPEHPK3PXP", to_epoch(world.clock.now()) // 30)
    body = {"customer": "lin", "password": "correct horse", "otp": otp}
    answer = await world.client.post("/v1/sessions", json=body)
    return {"Authorization": f"Bearer {answer.json()['session']}"}


async def test_a_nul_is_the_callers_error_at_every_door(world: World) -> None:
    wallet, made = world.wallet(), await world.offer()
    answer = await wallet.token(made["offer"], made["tx_code"])
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    customer = await session(world)
    asked: list[tuple[str, str, dict[str, str], object]] = [
        ("POST", "/v1/sessions", {}, {"customer": NUL, "password": "x", "otp": "123456"}),
        ("GET", "/v1/offers/lin%00", customer, None),
        ("POST", "/v1/offers/lin%00/collect", customer, None),
        ("GET", "/v1/operator/offers/lin%00", OPERATOR, None),
        ("POST", "/v1/operator/queue/lin%00/approve", OFFICER, {}),
        ("POST", "/v1/operator/queue/lin%00/decline", OFFICER, {}),
        ("GET", "/v1/operator/credentials?customer=lin%00", OPERATOR, None),
        ("POST", "/v1/operator/credentials/revoke", OPERATOR, {"customer": "lin", "reason": NUL}),
        ("POST", "/v1/operator/credentials/revoke", OPERATOR, {"customer": NUL, "reason": "x"}),
        ("POST", "/v1/operator/credentials/suspend", OPERATOR, {"customer": NUL}),
        ("POST", "/v1/operator/credentials/reinstate", OPERATOR, {"customer": NUL}),
        ("POST", "/v1/operator/cause-gone", OPERATOR, {"customer": NUL}),
        ("POST", "/oid4vci/notification", bearer, {"notification_id": NUL, "event": "credential_accepted"}),
        ("POST", "/oid4vci/deferred", bearer, {"transaction_id": NUL}),
        ("POST", "/oid4vci/credential", bearer, {"credential_identifier": NUL}),
        ("POST", "/oid4vci/credential", bearer, {"credential_configuration_id": NUL}),
    ]
    for method, path, headers, body in asked:
        answer = await world.client.request(method, path, headers=headers, json=body)
        assert answer.status_code == 400, (path, answer.status_code, answer.text)
    for field in ("grant_type", "pre-authorized_code", "tx_code", "client_id", "authorization_details"):
        answer = await wallet.token(made["offer"], made["tx_code"], **{field: NUL})
        assert answer.status_code == 400, (field, answer.text)
    # The world goes on as if nothing had been.
    more = await world.offer("chen")
    assert len(await world.wallet().accept(more["offer"], more["tx_code"])) == 5
