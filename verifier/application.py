"""An application and its one transaction, as values.

An application is opened by the bank's own system, answered at most once by a wallet, and settled at most once:
``open`` → ``received`` → ``settled``. Leaves out where it is kept: ``storage`` does that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from passport.openid4vp import ResponseMode
from passport.strict_json import JsonObject
from verifier.answers import Outcome, StepReport


class Phase(StrEnum):
    """How far the transaction has come."""

    OPEN = "open"
    RECEIVED = "received"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class ReceivedResponse:
    """What a wallet posted, once: judged by nobody yet. ``content`` is gone when the check has run."""

    at: datetime
    body_sha256: bytes
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of an application: the signed record and what the officer sees beside it."""

    outcome: Outcome
    reports: tuple[StepReport, ...]
    record: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SettledView:
    """A settlement as read back: the steps are the JSON that was signed."""

    outcome: Outcome
    steps: tuple[JsonObject, ...]
    record: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Application:
    """One application. ``result_id`` is the officer's authorisation; ``request_id`` is the wallet's."""

    id: str
    reference: str
    policy: str
    request_id: str
    result_id: str
    nonce: str
    state: str
    response_mode: ResponseMode
    response_key: bytes | None
    applicant_name: str | None
    created_at: datetime
    expires_at: datetime
    phase: Phase
    received: ReceivedResponse | None = None
    settlement: SettledView | None = None
    amount_usd_minor: int | None = None
    """What the bank's own system says is at stake, where it does: above the policy's limit two officers settle a review."""


@dataclass(frozen=True, slots=True)
class FollowedCredential:
    """A credential that a decision relied on: enough to see its status later, and nothing about the person."""

    query_id: str
    vct: str
    issuer: str
    credential_sha256: bytes
    status_uri: str
    status_index: int


@dataclass(frozen=True, slots=True)
class DecisionEvent:
    """What the webhook's receiver is told; idempotent by id, ordered by the sequence number it gets."""

    id: str
    application_id: str
    body: JsonObject
