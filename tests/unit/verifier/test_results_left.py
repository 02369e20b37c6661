"""A result that nobody is there to read any more is not read: what it shows can be read once."""

from __future__ import annotations

from typing import Any, cast

import pytest
from fastapi import FastAPI

from verifier.bell import SettlementBell
from verifier.http import results
from verifier.use_cases.read_result import ResultDesk


@pytest.mark.parametrize("is_there", [True, False])
async def test_who_left_takes_nothing_and_waits_no_longer(
    monkeypatch: pytest.MonkeyPatch, *, is_there: bool
) -> None:
    bell, read, messages = SettlementBell(), list[str](), 0
    monkeypatch.setattr(results, "_IS_THERE_SECONDS", 0.01)
    looks = iter([False, True])
    monkeypatch.setattr(results, "is_settled", lambda _desk, _result_id: next(looks))

    def reads(_desk: ResultDesk, result_id: str) -> dict[str, Any]:
        read.append(result_id)
        return {}

    monkeypatch.setattr(results, "read_result", reads)
    app = FastAPI()
    app.include_router(results.result_routes(cast("ResultDesk", None), bell))

    async def receive() -> dict[str, Any]:
        nonlocal messages
        messages += 1
        if is_there:
            bell.ring("one")
            return {"type": "http.request", "body": b"", "more_body": False}
        return {"type": "http.disconnect"}

    async def send(_: Any) -> None:
        return

    scope: dict[str, Any] = {
        "type": "http", "method": "GET", "path": "/v1/results/one", "raw_path": b"/v1/results/one",
        "query_string": b"wait=10", "headers": [], "scheme": "http", "server": ("house.test", 80), "root_path": "",
    }  # fmt: skip
    await app(scope, receive, send)
    assert read == (["one"] if is_there else [])
    assert messages >= 1
