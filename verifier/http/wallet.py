"""What wallets speak: fetch the request object, post the answer (OpenID4VP 1.0).

``response_uri`` answers every good envelope with the same bytes: nothing that is found later can be read from it.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from passport.errors import Malformed
from passport.openid4vp import RequestUriPost
from passport.openid4vp.names import FORM_MEDIA_TYPE, REQUEST_OBJECT_MEDIA_TYPE
from service.access import OpenTo
from service.admission_walls import end_journey
from verifier.use_cases.receive_response import ResponseDesk, receive_response
from verifier.use_cases.serve_request import RequestDesk, serve_request

NO_STORE = {"Cache-Control": "no-store"}


def wallet_routes(requests: RequestDesk, responses: ResponseDesk) -> APIRouter:
    """Three routes whose random id is the authorisation."""
    router = APIRouter(
        prefix="/oid4vp",
        dependencies=[Depends(OpenTo("wallets; the request's random id is the authorisation"))],
    )

    @router.get("/requests/{request_id}")
    def fetch(request_id: str) -> Response:
        return _request_object(serve_request(requests, request_id))

    @router.post("/requests/{request_id}")
    async def fetch_with_nonce(request_id: str, request: Request) -> Response:
        post = RequestUriPost.parse(await _form(request))
        return _request_object(await run_in_threadpool(serve_request, requests, request_id, post))

    @router.post("/responses/{request_id}")
    async def respond(request_id: str, request: Request) -> JSONResponse:
        body = await _form(request)
        await run_in_threadpool(receive_response, responses, request_id, body)
        end_journey(request)
        return JSONResponse({}, headers=NO_STORE)

    return router


def _request_object(signed: str) -> Response:
    return Response(signed, media_type=REQUEST_OBJECT_MEDIA_TYPE, headers=NO_STORE)


async def _form(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if body and kind != FORM_MEDIA_TYPE:
        raise Malformed(f"expected a body of type {FORM_MEDIA_TYPE}")
    return body
