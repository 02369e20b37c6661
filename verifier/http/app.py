"""The verifier's application: its routers within the house's walls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, FastAPI

from passport.errors import Rejected
from passport.openid4vp.limits import LIMITS
from service.admission import Admitting
from service.app import HouseApp, Lifespan, create_app
from service.body_gate import BodyLimits
from service.error_answers import BASE_TABLE, ErrorTable
from service.health import Check
from verifier.answers import StepRefusal

ERRORS: ErrorTable = {**BASE_TABLE, StepRefusal: BASE_TABLE[Rejected]}


def verifier_app(
    routers: Sequence[APIRouter], *, checks: Mapping[str, Check], lifespan: Lifespan, admission: Admitting
) -> FastAPI:
    """The application, ready to serve."""
    return create_app(
        HouseApp(
            title="Financial passport: verifier",
            routers=routers,
            checks=checks,
            errors=ERRORS,
            limits=BodyLimits(max_bytes=LIMITS.response_bytes),
            lifespan=lifespan,
            admission=admission,
        )
    )
