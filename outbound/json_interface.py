"""A participant's JSON interface, called as one of its own people: JSON in, JSON out, errors in words for people."""

from __future__ import annotations

import json
from collections.abc import Mapping

from outbound.answers import FetchLimits, HttpAnswer
from outbound.origins import Origin
from outbound.policy import OutboundPolicy
from outbound.synchronous import HttpClient
from passport import strict_json
from passport.errors import Malformed, Reason, Rejected, Unavailable
from passport.strict_json import JsonObject

_SERVER_FAULT = 500


class JsonInterface:
    """One participant's HTTP interface, reached as one of its own people."""

    def __init__(self, base_url: str, token: str, *, who: str) -> None:
        """``who`` names the participant in messages."""
        self._base = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._who = who
        # The world file names the origin, so it may be one that is not public; nothing else may.
        self._policy = OutboundPolicy(frozenset({Origin.parse(self._base)}))

    def get(self, path: str) -> JsonObject:
        """GET; raises as ``post``."""
        with self._client() as client:
            return self._read(client.get(self._base + path, headers=self._headers))

    def post(self, path: str, document: Mapping[str, object]) -> JsonObject:
        """POST a JSON document.

        Raises:
            Rejected: the participant says no; the reason is its code where it is one of ours.
            Unavailable: it could not be reached, or is not able to answer now.
            Malformed: what was sent is not as it wants it, or its answer is not JSON.
        """
        body = json.dumps(document).encode()
        with self._client() as client:
            return self._read(client.post(self._base + path, body=body, headers=self._headers))

    def _client(self) -> HttpClient:
        # A connection for each call: people ask seldom, and nobody has to remember to close anything.
        return HttpClient(self._policy, limits=FetchLimits(seconds=20.0))

    def _read(self, answer: HttpAnswer) -> JsonObject:
        value = strict_json.loads(answer.body) if answer.body else {}
        if not isinstance(value, dict):
            raise Malformed(f"expected a JSON object from {self._who}")
        if answer.ok:
            return value
        code, words = (
            str(value.get("error", "")),
            str(value.get("error_description", f"status {answer.status}")),
        )
        if answer.status >= _SERVER_FAULT:
            raise Unavailable(
                _reason(code, Reason.UPSTREAM_UNAVAILABLE), f"{self._who} cannot answer now: {words}"
            )
        if code == "malformed":
            raise Malformed(f"{self._who}: {words}")
        raise Rejected(
            _reason(code, Reason.NOT_AUTHORISED), f"{self._who} refuses ({code or answer.status}): {words}"
        )


def _reason(code: str, otherwise: Reason) -> Reason:
    return next((reason for reason in Reason if reason == code), otherwise)
