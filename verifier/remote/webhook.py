"""The webhook's receiver: one guarded POST an event (threat T38: the address may not lead inside)."""

from __future__ import annotations

from collections.abc import Mapping

from outbound import FetchLimits, HttpClient
from passport.errors import Reason, Unavailable

_LIMITS = FetchLimits(max_bytes=64 * 1024, seconds=5.0)


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
