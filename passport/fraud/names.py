"""The hub's words, each spelt once: token types, paths, classes, kinds, and the limits both sides keep."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final

from passport.keys import TokenType

CALLER_TYP: Final = TokenType.CALLER
QUESTION_TYP: Final = TokenType.FRAUD_QUESTION
VERDICT_TYP: Final = TokenType.FRAUD_VERDICT
NOTICE_TYP: Final = TokenType.FRAUD_NOTICE
ALERT_TYP: Final = TokenType.FRAUD_ALERT
KEYS_TYP: Final = TokenType.FRAUD_KEYS

WELL_KNOWN_PATH: Final = "/.well-known/fraud-check"
EVALUATE_PATH: Final = "/v1/tokens/evaluate"
ACCOUNTS_PATH: Final = "/v1/accounts"
HOLDERS_PATH: Final = "/v1/holders"
HANDLES_PATH: Final = "/v1/handles"
QUESTIONS_PATH: Final = "/v1/questions"
NOTICES_PATH: Final = "/v1/notices"
CAUSE_GONE_PATH: Final = "/v1/cause-gone"
ALERTS_PATH: Final = "/v1/alerts"
TRANSFERS_PATH: Final = "/v1/transfers"
CORRECTIONS_PATH: Final = "/v1/transfers/corrections"
CHECK_SESSIONS_PATH: Final = "/v1/checks/sessions"
CHECKS_PATH: Final = "/v1/checks"
TRACE_PATH: Final = "/v1/trace"
QUERIES_PATH: Final = "/v1/queries"

MAX_AGE: Final = timedelta(minutes=5)
"""How old a caller's token, a question and its key-binding may be, and how long a verdict lasts."""
LEEWAY: Final = timedelta(seconds=60)
"""How far a clock may run ahead of ours."""

MAX_EVALUATIONS: Final = 2_000
MAX_LINKS: Final = 5_000
MAX_HANDLES: Final = 64
MAX_ACCOUNTS: Final = 64
MAX_TRANSFERS: Final = 5_000
MAX_ALERTS: Final = 500


class VerdictClass(StrEnum):
    """What the hub knows. Only a legal track blocks; a graph gives at most review; unknown is never a yes."""

    CLEAR = "clear"
    REVIEW = "review"
    BLOCK = "block"
    UNKNOWN = "unknown"


class TrackKind(StrEnum):
    """The legal tracks of domain section 2."""

    WARNING = "warning"
    DERIVED = "derived"
    IMPERSONATED = "impersonated"
    ADMONITION = "admonition"
    EARMARK = "earmark"


class NoticeKind(StrEnum):
    """What the police tell the hub."""

    WARN = "warn"
    EXTEND = "extend"
    LIFT = "lift"
    DOCUMENT = "document"
    IMPERSONATED = "impersonated"
    ADMONISH = "admonish"
    EARMARK = "earmark"


class NoticeForm(StrEnum):
    """How a notice came; what is not a document needs one within five business days."""

    DOCUMENT = "document"
    PHONE = "phone"
    FAX = "fax"


class AlertKind(StrEnum):
    """What a member learns on its stream. ``lifted`` without a notifier is a warning that lapsed by itself.

    Three are tasks for a person and change nothing by themselves. ``holder_unclear``: the police, or the person's bank, name
    another holder of an account than its bank did. ``holder_claimed``: only another bank says that a customer holds a warned
    account. ``holder_changed``: a bank named another holder while a track rests on the old or the new one.
    """

    WARNING = "warning"
    EXTENDED = "extended"
    LIFTED = "lifted"
    DERIVED = "derived"
    CAUSE_GONE = "cause_gone"
    IMPERSONATED = "impersonated"
    ADMONITION = "admonition"
    EARMARK = "earmark"
    HOLDER_UNCLEAR = "holder_unclear"
    HOLDER_CLAIMED = "holder_claimed"
    HOLDER_CHANGED = "holder_changed"
