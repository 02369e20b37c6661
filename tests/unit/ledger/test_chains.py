"""Against real processes: kills, reorganisations, other chains, stock clients, lost answers."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import resources
from typing import Any

import pytest
import requests
from web3 import HTTPProvider, Web3

from ledger import Follower, LedgerSettings, LedgerWriter, deploy, open_ledger
from ledger.rpc import Rpc
from passport.errors import Misconfigured, Rejected, Unavailable

ROUNDS = 40 if os.environ.get("PASSPORT_TEST_COUNTS") == "long" else 2


class MachineClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.mark.parametrize("depth", [1, 3])
def test_reorganised_anchor_is_gone_and_a_deep_one_stays(
    open_anvil: str, make_world: Callable[[str], Any], depth: int
) -> None:
    world = make_world(open_anvil)
    follower = Follower(world.settings, MachineClock())
    roots = [world.anchor() for _ in range(5)]
    follower.poll()
    before = follower.as_of
    assert len(follower.anchors_since(0)) == 5

    Rpc(open_anvil).call("anvil_reorg", depth, [])
    follower.poll()
    world.ledger.rpc.call("evm_mine")
    follower.poll()

    assert follower.failure is None
    assert follower.as_of.number == before.number + 1
    kept = [record.root for record in follower.anchors_since(0)]
    assert kept == roots[: 5 - depth]
    # What was taken back can be anchored again, and counts from then.
    world.bank.anchor(world.schema, world.grant_number, roots[-1], 64)
    follower.poll()
    record = follower.anchor(world.bank.identity, world.schema, world.grant_number, roots[-1])
    assert record is not None
    assert record.block.number > before.number
    follower.stop()
    world.ledger.close()


def test_whatever_was_acknowledged_survives_kills_at_any_time(
    make_gateway: Callable[[], Any], make_world: Callable[[str], Any]
) -> None:
    gateway = make_gateway()
    gateway.start(LEDGER_SNAPSHOT_EVERY="7")
    world = make_world(gateway.url)
    acknowledged: list[bytes] = []
    unknown: list[bytes] = []

    def write(stop: threading.Event) -> None:
        while not stop.is_set():
            root = os.urandom(32)
            try:
                world.bank.anchor(world.schema, world.grant_number, root, 64)
            except Unavailable:
                unknown.append(root)
                time.sleep(0.005)
            else:
                acknowledged.append(root)

    for number in range(ROUNDS):
        stop = threading.Event()
        writers = [threading.Thread(target=write, args=(stop,)) for _ in range(2)]
        for writer in writers:
            writer.start()
        time.sleep(0.05 + 0.07 * number)
        while number == ROUNDS - 1 and not acknowledged and writers[0].is_alive():
            time.sleep(0.01)  # A busy machine may need longer for its first one.
        gateway.stop(signal.SIGKILL)
        stop.set()
        for writer in writers:
            writer.join()
        gateway.start(LEDGER_SNAPSHOT_EVERY="7")
        known = {record.root for record in world.ledger.anchors_since(0)}
        assert set(acknowledged) <= known
        assert known <= set(acknowledged) | set(unknown)
        head = world.ledger.head()
        gateway.stop(signal.SIGKILL)
        gateway.start(LEDGER_SNAPSHOT_EVERY="7")
        assert world.ledger.head() == head
    assert acknowledged
    # The one that nobody knew about is settled by doing it again.
    for root in unknown[:5]:
        assert world.bank.anchor(world.schema, world.grant_number, root, 64).root == root
    world.ledger.close()


def test_follower_lives_through_a_restart_of_the_gateway(
    make_gateway: Callable[[], Any], make_world: Callable[[str], Any]
) -> None:
    gateway = make_gateway()
    gateway.start()
    world = make_world(gateway.url)
    follower = Follower(world.settings, MachineClock(), poll_seconds=0.02)
    follower.start()
    first = world.anchor()

    def sees(root: bytes) -> bool:
        return follower.anchor(world.bank.identity, world.schema, world.grant_number, root) is not None

    assert follower.wait_until(lambda: bool(follower.last_seen_at) and sees(first), 5)
    gateway.stop(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while not str(follower.failure).startswith("the ledger's node cannot") and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "cannot be reached" in str(follower.failure)
    assert sees(first)
    gateway.start()
    second = world.anchor()
    assert follower.wait_until(lambda: sees(second), 5)
    assert follower.failure is None
    follower.stop()
    world.ledger.close()


def test_anchor_is_known_to_a_follower_well_within_the_promised_time(
    gateway: Any, make_world: Callable[[str], Any]
) -> None:
    world = make_world(gateway.url)
    follower = Follower(world.settings, MachineClock())
    follower.start()
    follower.wait_until(lambda: follower.last_seen_at is not None, 5)
    began = time.monotonic()
    root = world.anchor()
    place = (world.bank.identity, world.schema, world.grant_number, root)
    assert follower.wait_until(lambda: follower.anchor(*place) is not None, 5)
    assert time.monotonic() - began < 1.5
    follower.stop()
    world.ledger.close()


def test_new_chain_on_the_old_port_is_refused(
    make_gateway: Callable[[], Any], make_world: Callable[[str], Any]
) -> None:
    gateway = make_gateway()
    gateway.start()
    world = make_world(gateway.url)
    world.ledger.head()
    gateway.stop()
    other = make_gateway()
    other.port = gateway.port
    time.sleep(1.1)  # Another first block has another second.
    other.start()
    with pytest.raises(Rejected) as refused:
        world.ledger.head()
    assert refused.value.reason == "wrong_chain"
    world.ledger.close()


def test_wrong_chain_id_is_refused(world: Any) -> None:
    other = LedgerSettings(world.settings.rpc_url, 1, world.settings.contracts)
    with pytest.raises(Rejected) as refused:
        open_ledger(other).head()
    assert refused.value.reason == "wrong_chain"
    with pytest.raises(Rejected):
        deploy(world.settings.rpc_url, world.bank.account, 1)


def test_settings_without_a_contract_are_refused(world: Any) -> None:
    contracts = {name: at for name, at in world.settings.contracts.items() if name != "StatusRegistry"}
    with pytest.raises(Misconfigured, match="missing: StatusRegistry"):
        LedgerSettings(world.settings.rpc_url, 31337, contracts)


def test_stock_web3_client_works_through_the_gateway(world: Any) -> None:
    session = requests.Session()
    stock = Web3(HTTPProvider(world.settings.rpc_url, session=session))
    root = world.anchor()
    assert stock.is_connected()
    assert stock.eth.chain_id == 31337
    text = resources.files("ledger").joinpath("contracts_abi", "AnchorRegistry.json").read_text()
    abi = json.loads(text)["abi"]
    address = stock.to_checksum_address(str(world.settings.contracts["AnchorRegistry"]))
    registry = stock.eth.contract(address=address, abi=abi)
    issuer = stock.to_checksum_address(str(world.bank.identity))
    found = registry.functions.anchorOf(issuer, world.schema, world.grant_number, root).call()
    assert found[0] == 64
    logs = registry.events.Anchored.get_logs(from_block=0)
    assert logs[-1]["args"]["root"] == root
    session.close()


class CuttingProxy:
    """Forwards requests, and cuts the connection instead of the answer to one of them."""

    def __init__(self, port: int, cut: bytes) -> None:
        self._target = port
        self._cut = cut
        self.cuts = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._target)) as node:
            while request := client.recv(1 << 20):
                while b"\r\n\r\n" not in request or request.endswith(b"\r\n\r\n"):
                    request += client.recv(1 << 20)
                node.sendall(request)
                answer = node.recv(1 << 20)
                while b"\r\n\r\n" not in answer or answer.endswith(b"\r\n\r\n"):
                    answer += node.recv(1 << 20)
                if self._cut in request and not self.cuts:
                    self.cuts += 1
                    return
                client.sendall(answer)

    def close(self) -> None:
        self._listener.close()


def test_lost_answer_to_a_transaction_does_not_send_it_twice(gateway: Any, world: Any) -> None:
    proxy = CuttingProxy(gateway.port, b"eth_sendRawTransaction")
    settings = LedgerSettings(
        f"http://127.0.0.1:{proxy.port}", 31337, world.settings.contracts, call_timeout=2
    )
    ledger = open_ledger(settings)
    bank = LedgerWriter(ledger, world.bank.account)
    before = world.ledger.head().number
    root = os.urandom(32)
    assert bank.anchor(world.schema, world.grant_number, root, 64).root == root
    assert proxy.cuts == 1
    assert world.ledger.head().number == before + 1
    ledger.close()
    proxy.close()
