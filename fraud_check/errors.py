"""The hub's own refusals, below the house's families."""

from __future__ import annotations

from passport.errors import Reason, Rejected


class CallerRefused(Rejected):
    """Nobody we know asked, or the token is not for this request: answered 401."""

    def __init__(self, message: str) -> None:
        super().__init__(Reason.NOT_AUTHORISED, message)


class NotYours(Rejected):
    """A known caller asked about what another one keeps, or in a role it does not have: answered 403."""

    def __init__(self, message: str) -> None:
        super().__init__(Reason.NOT_AUTHORISED, message)
