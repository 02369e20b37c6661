"""The officer's result: a random address that waits up to ten seconds for a settled answer."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from service.access import OpenTo
from verifier.bell import SettlementBell
from verifier.use_cases.read_result import ResultDesk, is_settled, read_result

NO_STORE = {"Cache-Control": "no-store"}
MAX_WAIT_SECONDS = 10.0


def result_routes(desk: ResultDesk, bell: SettlementBell) -> APIRouter:
    """One route whose random id is the authorisation."""
    router = APIRouter(
        prefix="/v1/results",
        dependencies=[Depends(OpenTo("officers; the result's random id is the authorisation"))],
    )

    @router.get("/{result_id}")
    async def result(
        result_id: str, wait: Annotated[float, Query(ge=0, le=MAX_WAIT_SECONDS)] = MAX_WAIT_SECONDS
    ) -> JSONResponse:
        until = time.monotonic() + wait
        with bell.hear(result_id) as hearing:
            while not await run_in_threadpool(is_settled, desk, result_id):
                left = until - time.monotonic()
                if left <= 0:
                    break
                await hearing.wait(left)
        return JSONResponse(await run_in_threadpool(read_result, desk, result_id), headers=NO_STORE)

    return router
