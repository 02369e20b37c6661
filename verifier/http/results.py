"""The officer's result: a random address that waits up to ten seconds for a settled answer."""

from __future__ import annotations

import time
from typing import Annotated

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse

from service.access import OpenTo
from verifier.bell import SettlementBell
from verifier.use_cases.read_result import ResultDesk, is_settled, read_result

NO_STORE = {"Cache-Control": "no-store"}
MAX_WAIT_SECONDS = 10.0
_IS_THERE_SECONDS = 1.0
_LOOKING_AT_ONCE = 4
"""Threads of their own, so that a crowd that looks for results keeps no officer from one."""


def result_routes(desk: ResultDesk, bell: SettlementBell) -> APIRouter:
    """One route whose random id is the authorisation."""
    router = APIRouter(
        prefix="/v1/results",
        dependencies=[Depends(OpenTo("officers; the result's random id is the authorisation"))],
    )

    threads = CapacityLimiter(_LOOKING_AT_ONCE)

    @router.get("/{result_id}")
    async def result(
        result_id: str,
        request: Request,
        wait: Annotated[float, Query(ge=0, le=MAX_WAIT_SECONDS)] = MAX_WAIT_SECONDS,
    ) -> JSONResponse:
        until = time.monotonic() + wait
        with bell.hear(result_id) as hearing:
            settled = await run_sync(is_settled, desk, result_id, limiter=threads)
            while not settled and (left := until - time.monotonic()) > 0:
                if await hearing.wait(min(left, _IS_THERE_SECONDS)):
                    settled = await run_sync(is_settled, desk, result_id, limiter=threads)
                if await request.is_disconnected():
                    # What can be read once is kept for whoever is there to read it.
                    return JSONResponse({}, headers=NO_STORE)
        return JSONResponse(await run_sync(read_result, desk, result_id, limiter=threads), headers=NO_STORE)

    return router
