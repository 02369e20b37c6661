"""Deliver decisions to the bank's webhook: at least once, signed, in order of their numbers.

Signed as Standard Webhooks 1.0 says: HMAC-SHA-256 over ``id.timestamp.body`` with a secret that only the two sides
have. The receiver is idempotent by id and orders by ``seq``. A receiver that does not answer gets each event again
after ever longer pauses, twelve times in about a day; then the event stays in the table for an operator.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from passport import strict_json
from passport.clock import Clock, to_epoch
from passport.errors import PassportError
from passport.strict_json import as_object
from verifier.ports import DueEvents, OutboxEvent

MAX_ATTEMPTS = 12
_FIRST_PAUSE_SECONDS = 2
_LONGEST_PAUSE = timedelta(hours=6)


class Receiver(Protocol):
    """The webhook's other end, behind the guarded client."""

    def post(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Deliver; raises a ``PassportError`` for anything but a 2xx."""
        ...


@dataclass(frozen=True, slots=True)
class DeliveryDesk:
    """What delivering needs."""

    outbox: DueEvents
    receiver: Receiver
    secret: bytes
    clock: Clock


def deliver_events(desk: DeliveryDesk) -> None:
    """Send what is due."""
    for event in desk.outbox.due(now=desk.clock.now()):
        body = strict_json.dumps({**as_object(strict_json.loads(event.body)), "seq": event.seq})
        try:
            desk.receiver.post(body, sign_event(event.id, body, desk.secret, at=to_epoch(desk.clock.now())))
        except PassportError:
            desk.outbox.failed(event.seq, retry_at=_retry(desk, event))
        else:
            desk.outbox.delivered(event.seq, now=desk.clock.now())


def sign_event(event_id: str, body: bytes, secret: bytes, *, at: int) -> Mapping[str, str]:
    """The three headers of Standard Webhooks."""
    signed = f"{event_id}.{at}.".encode() + body
    mac = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": event_id, "webhook-timestamp": str(at), "webhook-signature": f"v1,{mac}"}


def _retry(desk: DeliveryDesk, event: OutboxEvent) -> datetime | None:
    if event.attempts + 1 >= MAX_ATTEMPTS:
        return None
    pause = min(timedelta(seconds=_FIRST_PAUSE_SECONDS * 4**event.attempts), _LONGEST_PAUSE)
    return desk.clock.now() + pause
