"""Access to the hub's routes: a signed token per request, checked before the route runs."""

from __future__ import annotations

from fastapi import Request

from fraud_check.callers import CallerCheck, KnownCaller
from fraud_check.checks import CheckSessions, Session
from fraud_check.errors import CallerRefused
from passport.clock import Clock
from passport.errors import Rejected
from service.access import AccessRule, bearer_of


class SignedCaller(AccessRule):
    """A route for participants of the ledger; which role may do what is the use case's to say."""

    def __init__(self, check: CallerCheck) -> None:
        self.described = "caller+jwt signed by a participant's key on the ledger"
        self._check = check

    async def __call__(self, request: Request) -> None:
        """Check the request's token and leave the known caller for the route.

        Raises:
            CallerRefused: there is no good token. Unavailable: the ledger was never seen.
        """
        try:
            token = bearer_of(request)
        except Rejected as error:
            raise CallerRefused(str(error)) from error
        body = await request.body()
        query = request.url.query
        target = request.url.path + (f"?{query}" if query else "")
        caller = self._check.check(token, method=request.method, target=target, body=body)
        request.state.caller = caller


class OpenSession(AccessRule):
    """A route for members with a session: its secret is the bearer token."""

    def __init__(self, sessions: CheckSessions, clock: Clock) -> None:
        self.described = "the secret of a member's session of checks"
        self._sessions = sessions
        self._clock = clock

    async def __call__(self, request: Request) -> None:
        """Find the session and leave it for the route.

        Raises:
            CallerRefused: there is no such session, or its member is no longer accredited.
        """
        try:
            secret = bearer_of(request)
        except Rejected as error:
            raise CallerRefused(str(error)) from error
        request.state.session = self._sessions.find(secret, at=self._clock.now())


def open_session(request: Request) -> Session:
    """What the access rule left."""
    session = request.state.session
    if not isinstance(session, Session):  # pragma: no cover - the rule of the router always ran before
        raise CallerRefused("expected a session")
    return session


def known_caller(request: Request) -> KnownCaller:
    """What the access rule left; a route without that rule has nothing to read."""
    caller = request.state.caller
    if not isinstance(caller, KnownCaller):  # pragma: no cover - the rule of the router always ran before
        raise CallerRefused("expected a signed request")
    return caller
