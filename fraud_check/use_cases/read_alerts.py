"""Give a member the part of its stream that follows a number, each alert signed afresh for it."""

from __future__ import annotations

from fraud_check.callers import KnownCaller
from fraud_check.hub import Hub
from fraud_check.storage.alerts import alerts_after
from passport.clock import to_epoch
from passport.fraud import Alert, AlertPage, seal
from passport.fraud.names import ALERT_TYP, MAX_ALERTS
from passport.registry import Role
from passport.strict_json import JsonObject


def read_alerts(hub: Hub, caller: KnownCaller, *, after: int, limit: int = MAX_ALERTS) -> AlertPage:
    """The alerts numbered ``after`` + 1 and on.

    What they say is durable and never changes; the signature is made when they are read, so that it is always by a key
    that the hub has now and never older than the reader's five minutes (threat T38).

    Raises:
        NotYours: not a member.
    """
    caller.require(Role.MEMBER)
    contents, newest = alerts_after(hub.database, caller.name, after, limit)
    signed = tuple(_signed(hub, caller, n, content) for n, content in enumerate(contents, start=after + 1))
    return AlertPage(alerts=signed, newest=newest)


def _signed(hub: Hub, caller: KnownCaller, n: int, content: JsonObject) -> str:
    alert = Alert.read(
        {
            **content,
            "iss": str(hub.identity.did),
            "aud": caller.name,
            "iat": to_epoch(hub.now()),
            "jti": f"alert:{n:016d}",
            "n": n,
        }
    )
    return seal(alert, typ=ALERT_TYP, signer=hub.identity.signer)
