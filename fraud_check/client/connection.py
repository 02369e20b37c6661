"""One caller's way to the hub: signs each request, reads answers strictly, and checks what the hub signed.

Synchronous and safe to share among threads. Every request of ours is idempotent, so one whose answer was lost is
sent once more, under a fresh token. Leaves out what is asked: see the three clients beside this.
"""

from __future__ import annotations

import hashlib
import threading
from datetime import datetime, timedelta
from typing import Final, Literal, TypeVar

from outbound import AnswerLost, FetchLimits, HttpAnswer, HttpClient
from passport.clock import Clock, Entropy, to_epoch
from passport.errors import Malformed, Reason, Rejected, Unavailable
from passport.fraud import HubKeys, KeyBook, open_sealed, seal
from passport.fraud.envelope import Envelope, Opened
from passport.fraud.messages import Caller
from passport.fraud.names import CALLER_TYP, KEYS_TYP, WELL_KNOWN_PATH
from passport.fraud.requests import HubKeysBody
from passport.identifiers import DidEthr
from passport.jose import Signer, b64u_encode
from passport.keys import TokenType
from passport.messages import Message
from passport.strict_json import JsonValue, Limits, as_object, dumps, find_text, get_text, loads

M = TypeVar("M", bound=Message)
E = TypeVar("E", bound=Envelope)
Method = Literal["GET", "POST", "PUT"]

_ANSWER: Final = Limits(size=8 << 20)
_FETCH: Final = FetchLimits(max_bytes=8 << 20, seconds=5.0)
_KEYS_LAST: Final = timedelta(minutes=5)
_JTI_BYTES: Final = 16


class HubConnection:
    """Requests by ``caller`` to the hub ``hub`` at ``base_url``."""

    def __init__(
        self,
        *,
        base_url: str,
        hub: DidEthr,
        caller: DidEthr,
        signer: Signer,
        http: HttpClient,
        keys: KeyBook,
        clock: Clock,
        entropy: Entropy,
    ) -> None:
        self.hub = hub
        self.caller = caller
        self.signer = signer
        self._base_url = base_url.rstrip("/")
        self._http = http
        self._keys = keys
        self._clock = clock
        self._entropy = entropy
        self._lock = threading.Lock()
        self._hub_keys: HubKeys | None = None
        self._hub_keys_until: datetime | None = None

    def now(self) -> datetime:
        """The time, as this caller knows it."""
        return self._clock.now()

    def new_id(self) -> str:
        """A random name for one message: 128 bits."""
        return b64u_encode(self._entropy.token(_JTI_BYTES))

    def nonce(self) -> str:
        """A random nonce: 128 bits."""
        return self.new_id()

    def post(self, path: str, body: Message, *, answer: type[M], method: Method = "POST") -> M:
        """Send ``body`` and read the answer.

        Raises:
            Rejected: the hub refused; its reason. Unavailable: UPSTREAM_UNAVAILABLE. Malformed: no such answer.
        """
        content = dumps(body.to_object())
        try:
            return self._exchange(method, path, content, answer)
        except AnswerLost:
            return self._exchange(method, path, content, answer)

    def post_in_session(self, path: str, body: Message, *, secret: str, answer: type[M]) -> M:
        """Send ``body`` under a session's secret instead of a signature; raises as ``post``."""
        content = dumps(body.to_object())
        try:
            return self._exchange("POST", path, content, answer, bearer=secret)
        except AnswerLost:
            return self._exchange("POST", path, content, answer, bearer=secret)

    def get(self, path: str, *, answer: type[M]) -> M:
        """Read from the hub; raises as ``post``."""
        return self._exchange("GET", path, b"", answer)

    def open(
        self, token: str, *, typ: TokenType, kind: type[E], audience: DidEthr | None = None
    ) -> Opened[E]:
        """Check what the hub signed.

        Raises:
            Malformed, Rejected: it is not the hub's, not for this caller, or too old.
        """
        opened = open_sealed(
            token, typ=typ, kind=kind, keys=self._keys, audience=audience or self.caller, at=self.now()
        )
        if opened.signer != self.hub:
            raise Rejected(Reason.KEY_UNKNOWN, "expected the hub's signature, got another participant's")
        return opened

    def hub_keys(self) -> HubKeys:
        """The hub's public keys for tokens, checked and kept for five minutes.

        Raises:
            Malformed, Rejected, Unavailable: as ``get`` and ``open``.
        """
        with self._lock:
            if self._hub_keys and self._hub_keys_until and self.now() < self._hub_keys_until:
                return self._hub_keys
        body = self._exchange("GET", WELL_KNOWN_PATH, b"", HubKeysBody, signed=False)
        keys = self.open(body.keys, typ=KEYS_TYP, kind=HubKeys, audience=self.hub).message
        with self._lock:
            self._hub_keys, self._hub_keys_until = keys, self.now() + _KEYS_LAST
        return keys

    def _exchange(
        self,
        method: Method,
        path: str,
        content: bytes,
        answer: type[M],
        *,
        signed: bool = True,
        bearer: str | None = None,
    ) -> M:
        url = f"{self._base_url}{path}"
        shown = bearer if bearer is not None or not signed else self._token(method, url, content)
        headers = {} if shown is None else {"Authorization": f"Bearer {shown}"}
        if method == "GET":
            got = self._http.get(url, headers=headers, limits=_FETCH)
        else:
            got = self._http.send(method, url, body=content, headers=headers, limits=_FETCH)
        return answer.read(_answer_of(got))

    def _token(self, method: Method, url: str, content: bytes) -> str:
        caller = Caller(
            iss=str(self.caller),
            aud=str(self.hub),
            iat=to_epoch(self.now()),
            jti=self.new_id(),
            htm=method,
            htu=url,
            body_sha256=b64u_encode(hashlib.sha256(content).digest()),
        )
        return seal(caller, typ=CALLER_TYP, signer=self.signer)


def _answer_of(got: HttpAnswer) -> JsonValue:
    """The JSON of a success, or the hub's refusal as an exception."""
    if got.ok:
        return loads(got.body, _ANSWER)
    try:
        body = as_object(loads(got.body, _ANSWER))
        code, said = get_text(body, "error"), find_text(body, "error_description") or ""
    except Malformed as error:
        raise Unavailable(
            Reason.UPSTREAM_UNAVAILABLE, f"the hub answered {got.status} without saying why"
        ) from error
    if got.status >= 500:  # noqa: PLR2004 - RFC 9110 section 15.6
        raise Unavailable(Reason.UPSTREAM_UNAVAILABLE, f"the hub answered {got.status}: {code}")
    try:
        reason = Reason(code)
    except ValueError:
        reason = Reason.REQUEST_INVALID
    raise Rejected(reason, f"the hub refused ({code}): {said[:200]}")
