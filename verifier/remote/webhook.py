"""The webhook's receiver: one guarded POST an event (threat T38: the address may not lead inside)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final

from outbound import FetchLimits, HttpClient
from passport.errors import Misconfigured, Reason, Unavailable

_PREFIX: Final = "whsec_"
_KEY_BYTES: Final = range(24, 65)
_LIMITS = FetchLimits(max_bytes=64 * 1024, seconds=5.0)


def webhook_key(secret: str) -> bytes:
    """The signing key in a webhook's secret as Standard Webhooks 1.0 writes it: ``whsec_`` and base64 of 24 to 64 bytes.

    Raises:
        Misconfigured: it is of another form.
    """
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith(_PREFIX) or len(key) not in _KEY_BYTES:
        raise Misconfigured(
            "the webhook's secret: expected whsec_ and the base64 of 24 to 64 random bytes (Standard Webhooks 1.0); "
            'this makes one: printf "whsec_%s" "$(openssl rand -base64 32)"'
        )
    return key


class WebhookReceiver:
    """``Receiver`` over the guarded client."""

    def __init__(self, http: HttpClient, url: str) -> None:
        self._http = http
        self._url = url

    def post(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Deliver one event; whatever a 2xx says is ignored.

        Raises:
            PassportError: it was not delivered, or nobody knows.
        """
        answer = self._http.post(self._url, body=body, headers=headers, accept=(), limits=_LIMITS)
        if not answer.ok:
            raise Unavailable(Reason.UPSTREAM_UNAVAILABLE, f"the webhook's receiver answered {answer.status}")
