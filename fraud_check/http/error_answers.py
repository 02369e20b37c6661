"""The hub's rows of the error table: who we do not know gets 401, who asks about another's gets 403."""

from __future__ import annotations

from typing import Final

from fraud_check.errors import CallerRefused, NotYours
from passport.errors import PassportError, Reason
from service.error_answers import BASE_TABLE, Answer, ErrorTable


def _caller_refused(error: PassportError) -> Answer:
    return Answer(401, Reason.NOT_AUTHORISED.value, str(error), {"WWW-Authenticate": "Bearer"})


def _not_yours(error: PassportError) -> Answer:
    return Answer(403, Reason.NOT_AUTHORISED.value, str(error))


HUB_TABLE: Final[ErrorTable] = {
    **BASE_TABLE,
    CallerRefused: _caller_refused,
    NotYours: _not_yours,
}
