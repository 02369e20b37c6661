"""The hub's readiness with a node that hides what a block says (threat T55)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from ledger.rpc import Rpc
from passport.registry import Role
from tests.simulators.hub_process import HubProcess
from tests.simulators.ledger_relay import Relay

pytestmark = pytest.mark.journey


def test_hub_is_not_ready_while_it_cannot_read_the_ledger(tmp_path: Path) -> None:
    hub = HubProcess(tmp_path)
    hub.relay = Relay(Rpc(hub.chain.settings.rpc_url))

    def becomes(ready: bool) -> bool:  # noqa: FBT001 - the very thing that is asked
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if hub.ready() == ready:
                return True
            time.sleep(0.05)
        return False

    try:
        hub.start()
        hub.relay.hidden = frozenset({"eth_getLogs", "eth_getBlockReceipts"})
        hub.participant("late-bank", Role.MEMBER)
        assert becomes(ready=False)
        hub.relay.hidden = frozenset()
        assert becomes(ready=True)
    finally:
        hub.close()
