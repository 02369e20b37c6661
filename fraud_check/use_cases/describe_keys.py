"""Publish the hub's token keys by epoch and its rule, signed."""

from __future__ import annotations

from fraud_check.hub import Hub
from passport.clock import to_epoch
from passport.fraud import HubKeys, seal
from passport.fraud.names import KEYS_TYP
from passport.fraud.requests import EpochKey, HubKeysBody
from passport.jose import b64u_encode


def describe_keys(hub: Hub) -> HubKeysBody:
    """The signed description; its audience is the hub itself, since it is for everybody."""
    epochs = tuple(
        EpochKey(
            epoch=epoch.number,
            public_key=b64u_encode(epoch.key.public_key),
            since=to_epoch(epoch.since),
            until=None if epoch.until is None else to_epoch(epoch.until),
        )
        for epoch in hub.epochs.all()
    )
    keys = HubKeys(
        iss=str(hub.identity.did),
        aud=str(hub.identity.did),
        iat=to_epoch(hub.now()),
        jti=hub.new_id(),
        current_epoch=hub.epochs.current,
        epochs=epochs,
        rule=f"{hub.book.rules.version}/{hub.rule.version}",
    )
    return HubKeysBody(keys=seal(keys, typ=KEYS_TYP, signer=hub.identity.signer))
