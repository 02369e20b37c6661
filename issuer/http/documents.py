"""What anybody may read: the three metadata documents, the bank's registration, status lists and leaf files.

A whole list or batch is served, never one entry, so that asking tells nothing about whom it is asked for (T23).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path
from fastapi.responses import JSONResponse, Response

from passport.errors import Reason, Rejected
from passport.openid4vci.metadata import AuthorizationServerMetadata, IssuerMetadata, JwtVcIssuerMetadata
from passport.openid4vci.names import (
    WELL_KNOWN_AUTHORIZATION_SERVER,
    WELL_KNOWN_ISSUER,
    WELL_KNOWN_JWT_VC_ISSUER,
)
from passport.registry import WELL_KNOWN_REGISTRATION
from passport.strict_json import JsonObject
from service.access import OpenTo

STATUS_PATH: Final = "/status"
LEAVES_PATH: Final = "/leaves"
STATUS_MEDIA_TYPE: Final = "application/statuslist+jwt"
LEAVES_MEDIA_TYPE: Final = "application/octet-stream"

RootHex = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]
ListNumber = Annotated[int, Path(ge=0, le=1_000_000)]


@dataclass(frozen=True, slots=True)
class Documents:
    """Where the documents come from."""

    issuer: IssuerMetadata
    authorization_server: AuthorizationServerMetadata
    jwt_vc_issuer: JwtVcIssuerMetadata
    registration: JsonObject | None
    status_token: Callable[[int], str | None]
    leaf_file: Callable[[bytes], bytes | None]
    path: str = ""
    """The path of the issuer's identifier, if it has one."""


def document_routes(documents: Documents) -> APIRouter:
    """The router."""
    router = APIRouter(dependencies=[Depends(OpenTo("published for everybody"))])
    router.include_router(_well_known(documents))
    router.include_router(_files(documents), prefix=documents.path)
    return router


def _well_known(documents: Documents) -> APIRouter:
    """Between host and path, where an issuer has one (OpenID4VCI 1.0 section 12.2.2, RFC 8414 section 3.1)."""
    router = APIRouter()

    @router.get(f"/.well-known/{WELL_KNOWN_ISSUER}{documents.path}")
    def issuer() -> JSONResponse:
        return _cached(documents.issuer.to_object())

    @router.get(f"/.well-known/{WELL_KNOWN_AUTHORIZATION_SERVER}{documents.path}")
    def authorization_server() -> JSONResponse:
        return _cached(documents.authorization_server.to_object())

    @router.get(f"/.well-known/{WELL_KNOWN_JWT_VC_ISSUER}{documents.path}")
    def jwt_vc_issuer() -> JSONResponse:
        return _cached(documents.jwt_vc_issuer.to_object())

    @router.get(f"/.well-known/{WELL_KNOWN_REGISTRATION}{documents.path}")
    def registration() -> JSONResponse:
        if documents.registration is None:
            raise Rejected(Reason.NOT_FOUND, "expected an issuer that shows its registration")
        return _cached(documents.registration)

    return router


def _files(documents: Documents) -> APIRouter:
    router = APIRouter()

    @router.get(f"{STATUS_PATH}/{{list_number}}")
    def status(list_number: ListNumber) -> Response:
        token = documents.status_token(list_number)
        if token is None:
            raise Rejected(Reason.NOT_FOUND, "expected a status list of this issuer")
        return Response(token, media_type=STATUS_MEDIA_TYPE, headers={"Cache-Control": "no-cache"})

    @router.get(f"{LEAVES_PATH}/{{root}}")
    def leaves(root: RootHex) -> Response:
        content = documents.leaf_file(bytes.fromhex(root))
        if content is None:
            raise Rejected(Reason.NOT_FOUND, "expected the root of a batch of this issuer")
        # A file named by its root can never change.
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(content, media_type=LEAVES_MEDIA_TYPE, headers=headers)

    return router


def _cached(document: Mapping[str, object]) -> JSONResponse:
    return JSONResponse(document, headers={"Cache-Control": "max-age=60"})
