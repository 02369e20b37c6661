"""The issuer's application: every router, the error table, health, and the jobs that run beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI
from fastapi.concurrency import run_in_threadpool

from issuer.http.admission import issuer_admission
from issuer.http.customer import CustomerRoutes, customer_routes
from issuer.http.documents import Documents, document_routes
from issuer.http.error_answers import ERROR_TABLE
from issuer.http.operator import OperatorRoutes, operator_routes
from issuer.http.wallet import WalletRoutes, wallet_routes
from service.app import HouseApp, create_app
from service.health import Check


@dataclass(frozen=True, slots=True)
class IssuerParts:
    """What wiring hands over."""

    documents: Documents
    wallet: WalletRoutes
    customer: CustomerRoutes
    operator: OperatorRoutes
    checks: Mapping[str, Check]
    start: Callable[[], None]
    stop: Callable[[], None]


def issuer_app(parts: IssuerParts) -> FastAPI:
    """The application.

    Raises:
        Misconfigured: a route declares no access rule.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(parts.start)
        try:
            yield
        finally:
            await run_in_threadpool(parts.stop)

    path = parts.documents.path
    under_path = APIRouter(prefix=path)
    for each in (
        wallet_routes(parts.wallet),
        customer_routes(parts.customer),
        operator_routes(parts.operator),
    ):
        under_path.include_router(each)
    routers = (document_routes(parts.documents), under_path)
    return create_app(
        HouseApp(
            "issuer",
            routers,
            checks=parts.checks,
            errors=ERROR_TABLE,
            lifespan=lifespan,
            admission=issuer_admission(path),
        )
    )
