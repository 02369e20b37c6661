"""Who calls: the ``caller+jwt`` of one HTTP request, and what the ledger lets its signer do.

The token is bound to method, target and body; a write's token is spent once, restarts included. Roles are the grants in force now.
"""

from __future__ import annotations

import hashlib
import hmac
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from datetime import datetime

from fraud_check.errors import CallerRefused, NotYours
from fraud_check.ports import Registry
from fraud_check.storage.spent import forget_spent, spend_soon, spent_tokens
from passport.clock import Clock, to_epoch
from passport.errors import Malformed, Reason, Rejected
from passport.fraud import open_sealed
from passport.fraud.messages import Caller
from passport.fraud.names import CALLER_TYP, LEEWAY, MAX_AGE
from passport.identifiers import Address, DidEthr
from passport.jose import b64u_encode
from passport.registry import Role, grant_in_force
from passport.urls import target_of
from service.database import Database

_MAX_SPENT = 1_000_000
_MAX_SPENT_EACH = 200_000
"""Of one caller in seven minutes, above what its quotas let it ask: one that sends more shuts out itself and nobody else."""
_SPENT_LASTS = int((MAX_AGE + 2 * LEEWAY).total_seconds())
_FORGET_EVERY = 60


@dataclass(frozen=True, slots=True)
class KnownCaller:
    """A caller whose token was checked, and the token, which signs the body's hash."""

    did: DidEthr
    roles: frozenset[Role]
    token: str

    @property
    def name(self) -> str:
        """The DID as text."""
        return str(self.did)

    def require(self, *roles: Role) -> None:
        """Refuse a caller that has none of these roles.

        Raises:
            NotYours: it has other ones, or none.
        """
        if self.roles.isdisjoint(roles):
            raise NotYours(f"expected a caller accredited as {' or '.join(roles)}")


class SpentTokens:
    """Remembers spent token names for as long as they could be used, also across a restart.

    A name is looked up in memory and kept beside the request's own writing, in an earlier or the same sync, so no answer
    waits for it: a token whose request left anything behind is spent for good, and one that left nothing has done nothing.
    """

    def __init__(self, database: Database, at: datetime, limit_each: int = _MAX_SPENT_EACH) -> None:
        self._database = database
        self._limit_each = limit_each
        self._each: dict[str, deque[int]] = {}
        self._spent: OrderedDict[str, int] = OrderedDict(spent_tokens(database, to_epoch(at)))
        self._lock = threading.Lock()
        self._forgotten = to_epoch(at)

    def spend(self, caller: str, jti: str, *, at: datetime) -> None:
        """Spend a token once.

        Raises:
            CallerRefused: it was spent before, or too many are remembered. Rejected: LIMIT_EXCEEDED, too many of this caller's.
            Unavailable: it cannot be kept.
        """
        name, now = hashlib.sha256(f"{caller} {jti}".encode()).hexdigest(), to_epoch(at)
        until = now + _SPENT_LASTS
        with self._lock:
            while self._spent and next(iter(self._spent.values())) <= now:
                self._spent.popitem(last=False)
            if name in self._spent:
                raise CallerRefused("expected a token that was not used before")
            mine = self._each.setdefault(caller, deque())
            while mine and mine[0] <= now:
                mine.popleft()
            if len(mine) >= self._limit_each:
                raise Rejected(
                    Reason.LIMIT_EXCEEDED,
                    "expected fewer requests of this caller; try again in a few minutes",
                )
            if len(self._spent) >= _MAX_SPENT:
                raise CallerRefused("too many requests to remember; try again in a few minutes")
            self._spent[name] = until
            mine.append(until)
        spend_soon(self._database, name, until)

    def forget(self, *, at: datetime) -> None:
        """Write what waits, and drop the rows of tokens that are too old, once a minute at most.

        Raises:
            Unavailable: the database is busy; it is tried again next time.
        """
        self._database.settle()
        now = to_epoch(at)
        if now - self._forgotten >= _FORGET_EVERY:
            forget_spent(self._database, now)
            self._forgotten = now


class CallerCheck:
    """Checks callers of this hub."""

    def __init__(
        self, *, hub: DidEthr, base_url: str, registry: Registry, clock: Clock, spent: SpentTokens
    ) -> None:
        self._hub = hub
        self._base_url = base_url
        self._registry = registry
        self._clock = clock
        self._spent = spent

    def check(self, token: str, *, method: str, target: str, body: bytes) -> KnownCaller:
        """Check one request's token.

        1. Signature, type, audience, age, and the signer's key on the ledger.
        2. It is for this method, this target and these bytes.
        3. The signer's grants in force now.
        4. A write's token is spent once, where the signer has a role at all: nobody else can fill what is remembered.

        Raises:
            CallerRefused: 1, 2 or 4 fails. Unavailable: the ledger was never seen.
        """
        now = self._clock.now()
        try:
            opened = open_sealed(
                token, typ=CALLER_TYP, kind=Caller, keys=self._registry, audience=self._hub, at=now
            )
        except (Malformed, Rejected) as error:
            raise CallerRefused(f"expected a caller's token: {error}") from error
        caller = opened.message
        same_body = hmac.compare_digest(caller.body_sha256, b64u_encode(hashlib.sha256(body).digest()))
        same_target = _one_address(caller.htu, f"{self._base_url}{target}")
        if caller.htm != method or not same_target or not same_body:
            raise CallerRefused("expected a token for this method, target and body")
        roles = roles_of(self._registry, opened.signer.address, now)
        if roles and method != "GET":
            self._spent.spend(caller.iss, caller.jti, at=now)
        return KnownCaller(opened.signer, roles, token)


def _one_address(claimed: str, ours: str) -> bool:
    """Whether both are one address, however its scheme, host, port and path are spelled; the query is compared as it is."""
    if claimed == ours:
        return True
    try:
        same = target_of(claimed) == target_of(ours)
    except Malformed:
        return False
    # What the comparison of targets leaves out counts here: the query says what is asked for, and a fragment is never sent.
    return same and "#" not in claimed and claimed.partition("?")[1:] == ours.partition("?")[1:]


def roles_of(registry: Registry, who: Address, at: datetime) -> frozenset[Role]:
    """The roles in which a participant may act now."""
    return frozenset(
        role
        for role in (Role.MEMBER, Role.POLICE, Role.VERIFIER)
        if any(grant_in_force(grant, at=at) and not grant.suspended for grant in registry.grants(who, role))
    )
