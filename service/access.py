"""Who may call a route: declared on each, or the application does not start.

Deny by default. A route names exactly one ``AccessRule`` among its dependencies (``Depends(rule)``, on the route or
its router); ``declared_access`` lists them all for a test and for the documents.
"""

from __future__ import annotations

import hmac
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from passport.errors import Misconfigured, Reason, Rejected


class AccessRule(ABC):
    """A FastAPI dependency that lets a request pass or raises; ``described`` says who may call."""

    described: str

    @abstractmethod
    async def __call__(self, request: Request) -> None:
        """Pass, or raise ``Rejected``."""


class OpenTo(AccessRule):
    """A route that needs no credential of the caller, and says why that is right.

    Also used where the credential is in the message itself (a code, a signed token) and the use case checks it.
    """

    def __init__(self, why: str) -> None:
        self.described = f"open: {why}"

    async def __call__(self, request: Request) -> None:
        """Pass everybody."""


class BearerSecret(AccessRule):
    """A route for who holds one shared secret, such as the operator's token (RFC 6750 section 2.1)."""

    def __init__(self, who: str, secret: str) -> None:
        self.described = f"bearer secret: {who}"
        self._secret = secret.encode()

    async def __call__(self, request: Request) -> None:
        """Compare in constant time.

        Raises:
            Rejected: there is no such bearer token.
        """
        presented = bearer_of(request)
        if not hmac.compare_digest(presented.encode(), self._secret):
            raise Rejected(Reason.NOT_AUTHORISED, "expected the bearer token of this interface")


def bearer_of(request: Request) -> str:
    """The one bearer token of a request.

    Raises:
        Rejected: none, several, or one of another form.
    """
    values = request.headers.getlist("authorization")
    scheme, _, token = values[0].partition(" ") if len(values) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token or not token.isascii() or " " in token:
        raise Rejected(Reason.NOT_AUTHORISED, "expected one Authorization header with a bearer token")
    return token


def _rules(dependant: Dependant) -> Iterator[AccessRule]:
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, AccessRule):
            yield dependency.call
        yield from _rules(dependency)


def declared_access(routes: list[BaseRoute]) -> Mapping[tuple[str, str], str]:
    """(method, path) of every route with the words of its rule.

    Raises:
        Misconfigured: a route declares no rule or more than one, or is of a kind that cannot declare one.
    """
    declared: dict[tuple[str, str], str] = {}
    for route in iter_route_contexts(routes):
        dependant = getattr(route, "dependant", None)
        rules = list(_rules(dependant)) if isinstance(dependant, Dependant) else []
        if len(rules) != 1:
            raise Misconfigured(f"route {route.path}: expected one access rule, got {len(rules)}")
        for method in route.methods or ():
            declared[method, route.path or ""] = rules[0].described
    return declared
