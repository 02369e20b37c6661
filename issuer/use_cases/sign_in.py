"""Sign a customer in: password (argon2id) and a time-based one-time code (RFC 6238).

A stranger's name, a wrong password and a wrong code get the same answer after the same work. That work is done in two
threads of its own, which the machine serves after all others: a storm of sign-ins takes what issuing leaves (threats.md
T58). Only a try whose password was right counts against the customer (docs/decisions/0037): whoever knows no password
locks nobody out, however often they try, and whoever knows one has few codes to guess. Leaves out passkeys and the bank's
own channels: they would be another adapter that opens the same session.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from issuer.codes import Codes
from issuer.ports import Customers
from issuer.storage.sessions import MAX_ASKS, NOBODY, SessionStore
from passport.clock import Clock, to_epoch
from passport.errors import Reason, Rejected, Unavailable

SESSION_LIFETIME: Final = timedelta(minutes=10)
AT_ONCE: Final = 2
"""How many passwords are checked at the same time; each takes 64 MiB."""
_WAIT_SECONDS: Final = 8.0
_NICENESS: Final = 10
_STEP_SECONDS: Final = 30
_DIGITS: Final = 6
_STEPS_AROUND: Final = (0, -1, 1)
_MAX_PASSWORD: Final = 256
_NOBODY: Final = (
    "$argon2id$v=19$m=65536,t=3,p=4$wTT4PvHnJFZwAQebTH+pzw$iEeaw3H3GOx/pft4pUjLX+1panZVZrJyk8xyNUCHdbo"
)
"""The hash of random bytes that nobody kept, with the usual parameters: a stranger's name costs the same work."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session's bearer token, handed out once."""

    token: str
    expires_at: datetime


def one_time_code(secret: str, step: int) -> str:
    """The code of a time step: HOTP with SHA-1 and six digits (RFC 4226 section 5.3).

    Raises:
        ValueError: the secret is not base32.
    """
    try:
        key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    except binascii.Error as error:
        raise ValueError("expected a base32 secret") from error
    digest = hmac.digest(key, step.to_bytes(8), hashlib.sha1)
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFFFFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}d}"


class SignIn:
    """The use case."""

    def __init__(self, customers: Customers, sessions: SessionStore, codes: Codes, clock: Clock) -> None:
        self._customers = customers
        self._sessions = sessions
        self._codes = codes
        self._clock = clock
        self._hasher = PasswordHasher()
        self._hashing = ThreadPoolExecutor(AT_ONCE, "password", initializer=_stand_back)

    def __call__(self, customer: str, password: str, code: str) -> OpenSession:
        """A session.

        Raises:
            Rejected: NOT_AUTHORISED for a stranger, a wrong password or code, or after five wrong codes.
            Unavailable: LIMIT_EXCEEDED, too many at once.
        """
        now = self._clock.now()
        secrets = self._customers.secrets(customer)
        # 1. The password, against somebody's hash in any case.
        matches = self._password_is(secrets.password_hash if secrets else _NOBODY, password)
        known = secrets if matches else None
        # 2. Count the try before the code is looked at, against nobody where the password was wrong.
        counted = self._sessions.may_try(customer if known else NOBODY, now)
        # 3. The code, of this time step or one beside it.
        step = _matching_step(known.otp_secret, code, now) if known else None
        if not counted or step is None:
            raise Rejected(Reason.NOT_AUTHORISED, "expected a customer, their password and a fresh code")
        # 4. Spend the time step and open the session in one transaction.
        token = self._codes.new_secret()
        expires_at = now + SESSION_LIFETIME
        token_hash = self._codes.hashed("session", token)
        if not self._sessions.open(customer, step=step, token_hash=token_hash, expires_at=expires_at):
            raise Rejected(Reason.NOT_AUTHORISED, "expected a code that was not used before")
        return OpenSession(token, expires_at)

    def customer_of(self, token: str) -> str:
        """Whose session a bearer token is.

        Raises:
            Rejected: NOT_AUTHORISED.
        """
        customer = self._sessions.customer_of(self._codes.hashed("session", token), self._clock.now())
        if customer is None:
            raise Rejected(Reason.NOT_AUTHORISED, "expected an open session: sign in again")
        return customer

    def count_wish(self, customer: str) -> None:
        """Count that a customer asks for an offer: one of them must not use up what the hub allows the whole bank.

        Raises:
            Rejected: LIMIT_EXCEEDED.
        """
        if not self._sessions.may_ask(customer, self._clock.now()):
            raise Rejected(
                Reason.LIMIT_EXCEEDED,
                f"expected at most {MAX_ASKS} offers an hour; use one that you have, or ask your bank's counter",
            )

    def _password_is(self, password_hash: str, password: str) -> bool:
        answer: Future[bool] = self._hashing.submit(self._matches, password_hash, password[:_MAX_PASSWORD])
        try:
            return answer.result(_WAIT_SECONDS)
        except TimeoutError as error:
            answer.cancel()
            raise Unavailable(
                Reason.LIMIT_EXCEEDED, "too many sign-ins at once; try again in a moment"
            ) from error

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (Argon2Error, InvalidHashError):
            return False


def _stand_back() -> None:
    """Let this thread, and those that the hashing starts, run when nobody else wants to; Linux counts this by thread."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def _matching_step(secret: str, code: str, now: datetime) -> int | None:
    current = to_epoch(now) // _STEP_SECONDS
    found = None
    for around in _STEPS_AROUND:
        if hmac.compare_digest(one_time_code(secret, current + around).encode(), code.encode()):
            found = current + around
    return found
