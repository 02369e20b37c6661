"""What the hub admits: a pool for each class of work, so that no class is felt in another.

Notices of the police and what banks report of ended causes are never refused for citizens' load, nor are alerts, by which
banks suspend; questions are, and early: a verifier asks again, and a verdict that comes too late is none.
"""

from __future__ import annotations

from typing import Final

from passport.fraud.names import (
    ACCOUNTS_PATH,
    ALERTS_PATH,
    CAUSE_GONE_PATH,
    CHECK_SESSIONS_PATH,
    CORRECTIONS_PATH,
    EVALUATE_PATH,
    HANDLES_PATH,
    NOTICES_PATH,
    QUERIES_PATH,
    QUESTIONS_PATH,
    TRACE_PATH,
    TRANSFERS_PATH,
)
from service.admission import HEALTH, PLACES, Admission, Admitting, Kind, Rule

_PLACES: Final = {
    "questions": PLACES, "notices": 4, "alerts": 4, "banks": 4, "transfers": 2, "walks": 2, "reading": 2, "other": 2,
}  # fmt: skip
_NOTICE: Final = Kind("notice", "notices", wait=60.0, patience=30.0)
_BANK: Final = Kind("bank's own", "banks", wait=4.0)
_TRANSFERS: Final = Kind("transfers", "transfers", wait=20.0, patience=30.0)


def hub_admission() -> Admitting:
    """The hub's kinds of requests."""
    return Admitting(
        Admission(_PLACES),
        (
            HEALTH,
            Rule(Kind("question", "questions", wait=1.5), QUESTIONS_PATH),
            Rule(_NOTICE, NOTICES_PATH),
            Rule(_NOTICE, CAUSE_GONE_PATH),
            Rule(Kind("alerts", "alerts", wait=60.0, patience=30.0), ALERTS_PATH),
            Rule(_BANK, ACCOUNTS_PATH),
            Rule(_BANK, HANDLES_PATH),
            Rule(Kind("tokens", "walks", wait=4.0, most=64), EVALUATE_PATH),
            Rule(Kind("trace", "walks", wait=10.0, patience=30.0, guess=0.2, most=64), TRACE_PATH),
            Rule(_TRANSFERS, TRANSFERS_PATH),
            Rule(_TRANSFERS, CORRECTIONS_PATH),
            Rule(Kind("session", "banks", wait=4.0, most=64), CHECK_SESSIONS_PATH),
            Rule(Kind("queries", "reading", wait=10.0, most=64), QUERIES_PATH),
            Rule(Kind("keys", "reading", wait=4.0, most=64), "/.well-known/*"),
            Rule(Kind("other", "other", most=32), "*"),
        ),
    )
