"""The words in which the hub is asked and answers (design sections 4.2, 6, 9; domain sections 6 and 7).

Values and messages only: signed envelopes, questions, verdicts, notices, alerts, and the bodies of members' requests.
What the tracks mean and how a token is made is the hub's own room's.
"""

from passport.fraud.envelope import Envelope, KeyBook, Opened, open_sealed, require_age, seal
from passport.fraud.messages import (
    AccountQuestion,
    Alert,
    Caller,
    Evidence,
    Notice,
    PresentationQuestion,
    Verdict,
)
from passport.fraud.names import (
    AlertKind,
    NoticeForm,
    NoticeKind,
    TrackKind,
    VerdictClass,
)
from passport.fraud.requests import (
    AccountLink,
    AccountLinks,
    AlertPage,
    CauseGone,
    Check,
    Checked,
    CheckSession,
    CheckSessionRequest,
    HandleRegistration,
    HubKeys,
    MemberQuery,
    QueryReport,
    Trace,
    TracedAccount,
    TracedLayer,
    TraceRequest,
    Transfer,
    TransferBatch,
)
from passport.fraud.token import Token, TokenText, epoch_of, make_token, read_token

__all__ = [
    "AccountLink",
    "AccountLinks",
    "AccountQuestion",
    "Alert",
    "AlertKind",
    "AlertPage",
    "Caller",
    "CauseGone",
    "Check",
    "CheckSession",
    "CheckSessionRequest",
    "Checked",
    "Envelope",
    "Evidence",
    "HandleRegistration",
    "HubKeys",
    "KeyBook",
    "MemberQuery",
    "Notice",
    "NoticeForm",
    "NoticeKind",
    "Opened",
    "PresentationQuestion",
    "QueryReport",
    "Token",
    "TokenText",
    "Trace",
    "TraceRequest",
    "TracedAccount",
    "TracedLayer",
    "TrackKind",
    "Transfer",
    "TransferBatch",
    "Verdict",
    "VerdictClass",
    "epoch_of",
    "make_token",
    "open_sealed",
    "read_token",
    "require_age",
    "seal",
]
