from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from ledger import AccountKey
from ledger.embedded.reads import READS
from tests.simulators.transactions import Draft


def ask(gateway: Any, method: str, *parameters: object) -> Any:
    body = json.dumps({"jsonrpc": "2.0", "id": 7, "method": method, "params": list(parameters)}).encode()
    status, answer = gateway.post(body)
    assert (status, answer["id"]) == (200, 7)
    return answer


@pytest.mark.parametrize(
    "method",
    [
        "anvil_setStorageAt",
        "anvil_setBalance",
        "anvil_setCode",
        "anvil_impersonateAccount",
        "anvil_reset",
        "anvil_reorg",
        "anvil_dumpState",
        "anvil_nodeInfo",
        "evm_mine",
        "evm_revert",
        "evm_snapshot",
        "evm_setNextBlockTimestamp",
        "evm_increaseTime",
        "hardhat_setStorageAt",
        "hardhat_mine",
        "hardhat_impersonateAccount",
        "debug_traceTransaction",
        "debug_getRawTransaction",
        "trace_block",
        "txpool_content",
        "ots_getApiLevel",
        "erigon_getHeaderByNumber",
        "personal_sign",
        "wallet_sendTransaction",
        "eth_sendTransaction",
        "eth_sendUnsignedTransaction",
        "eth_sign",
        "eth_signTransaction",
        "eth_signTypedData_v4",
        "eth_newFilter",
        "eth_subscribe",
        "eth_submitWork",
        "ETH_CHAINID",
        "eth_chainId ",
        "",
    ],
)
def test_forbidden_method_is_not_found(gateway: Any, method: str) -> None:
    assert ask(gateway, method)["error"]["code"] == -32601


def test_forbidden_method_is_not_found_in_a_batch_beside_an_allowed_one(gateway: Any) -> None:
    batch = [
        {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []},
        {"jsonrpc": "2.0", "id": 2, "method": "evm_mine", "params": []},
    ]
    _, answers = gateway.post(json.dumps(batch).encode())
    assert answers[0]["result"] == "0x7a69"
    assert answers[1]["error"]["code"] == -32601


def test_allow_list_holds_only_reads() -> None:
    assert all(method.startswith(("eth_", "net_", "web3_")) for method in READS)
    assert not any(
        word in method.lower() for method in READS for word in ("send", "sign", "set", "filter", "submit")
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"[" * 100_000, -32700),
        (b"[" * 17 + b"]" * 17, -32700),
        (b'{"jsonrpc":"2.0","id":1,"id":2,"method":"eth_chainId"}', -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[NaN]}', -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[1e999]}', -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_call","params":["\\ud800"]}', -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[1' + b"0" * 5000 + b"]}", -32700),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{"gas":"0x3d0901"}]}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{"gas":7}]}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_estimateGas","params":[{"gas":"1"}]}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{},"latest",{}]}', -32602),
        (b"[]", -32600),
        (b"3", -32600),
        (b'{"jsonrpc":"2.0","method":1}', -32600),
        (b'{"id":1,"method":"eth_chainId"}', -32600),
        (b'{"jsonrpc":"2.0","id":true,"method":"eth_chainId"}', -32600),
        (b'{"jsonrpc":"2.0","id":[1],"method":"eth_chainId"}', -32600),
        (b'{"jsonrpc":"2.0","id":{},"method":"eth_chainId"}', -32600),
        (b'{"jsonrpc":"1.0","id":1,"method":"eth_chainId"}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":["eth_chainId"]}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":{}}', -32600),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[1,2,3,4,5,6,7,8,9]}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":[]}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":["0x"]}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":["02"]}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":["0xzz"]}', -32602),
        (b'{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":["0x03ff"]}', -32602),
    ],
)
def test_malformed_request_gets_the_protocols_own_code(gateway: Any, body: bytes, code: int) -> None:
    status, answer = gateway.post(body)
    assert (status, answer["error"]["code"]) == (200, code)


def test_null_is_an_id_and_its_call_gets_a_result(gateway: Any) -> None:
    _, answer = gateway.post(b'{"jsonrpc":"2.0","id":null,"method":"eth_chainId","params":[]}')
    assert answer == {"jsonrpc": "2.0", "id": None, "result": "0x7a69"}
    _, answer = gateway.post(b'{"jsonrpc":"2.0","id":null,"method":"evm_mine"}')
    assert (answer["id"], answer["error"]["code"]) == (None, -32601)


@pytest.mark.parametrize(
    "body",
    [
        b'{"jsonrpc":"2.0","method":"eth_chainId","params":[]}',
        b'{"jsonrpc":"2.0","method":"evm_mine","params":[]}',
        b'{"jsonrpc":"2.0","method":"eth_call","params":[7]}',
        b'{"jsonrpc":"2.0","method":"eth_sendRawTransaction","params":["0x02"]}',
        b'[{"jsonrpc":"2.0","method":"eth_chainId"},{"jsonrpc":"2.0","method":"nothing"}]',
    ],
)
def test_notification_gets_no_answer_at_all(gateway: Any, body: bytes) -> None:
    connection = HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    for _ in range(2):  # The connection stays good for what comes next.
        connection.request("POST", "/", body, {"content-type": "application/json"})
        response = connection.getresponse()
        assert (response.status, response.read()) == (204, b"")
        assert response.getheader("cache-control") == "no-store"
    connection.close()


def test_batch_answers_its_calls_and_not_its_notifications(gateway: Any) -> None:
    batch = [
        {"jsonrpc": "2.0", "id": None, "method": "eth_chainId"},
        {"jsonrpc": "2.0", "method": "eth_chainId"},
        {"jsonrpc": "2.0", "id": "x", "method": "evm_mine"},
        {"jsonrpc": "2.0", "method": "evm_mine"},
        {"jsonrpc": "2.0", "id": 1.5, "method": "eth_chainId"},
        7,
        {"method": "eth_chainId"},
    ]
    _, answers = gateway.post(json.dumps(batch).encode())
    told = [(one["id"], one.get("result"), one.get("error", {}).get("code")) for one in answers]
    assert told == [
        (None, "0x7a69", None),
        ("x", None, -32601),
        (1.5, "0x7a69", None),
        (None, None, -32600),
        (None, None, -32600),
    ]


def test_notification_that_sends_a_transaction_sends_it(gateway: Any) -> None:
    """Without an id nobody is told, but it is carried out like a call."""
    secret = os.urandom(32)
    key, raw = AccountKey(secret), Draft(key=secret).raw()
    body = {"jsonrpc": "2.0", "method": "eth_sendRawTransaction", "params": [f"0x{raw.hex()}"]}
    connection = HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    connection.request("POST", "/", json.dumps(body).encode(), {"content-type": "application/json"})
    assert connection.getresponse().status == 204
    connection.close()
    assert ask(gateway, "eth_getTransactionCount", str(key.address), "latest")["result"] == "0x1"


def test_endless_loop_ends_with_a_blocks_gas(gateway: Any) -> None:
    began = time.monotonic()
    # JUMPDEST, then back to it for ever.
    assert "error" in ask(gateway, "eth_call", {"data": "0x5b5f56", "gas": "0x3d0900"}, "latest")
    assert "error" in ask(gateway, "eth_call", {"data": "0x5b5f56"}, "latest")
    assert time.monotonic() - began < 10


def test_batch_of_one_hundred_is_answered_and_of_one_more_refused(gateway: Any) -> None:
    def batch(size: int) -> bytes:
        calls = [{"jsonrpc": "2.0", "id": i, "method": "eth_chainId", "params": []} for i in range(size)]
        return json.dumps(calls).encode()

    assert len(gateway.post(batch(100))[1]) == 100
    assert gateway.post(batch(101))[1]["error"]["code"] == -32005


def test_body_of_one_mebibyte_is_read_and_one_byte_more_refused(gateway: Any) -> None:
    call = b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}'
    assert gateway.post(call.ljust(1024 * 1024))[0] == 200
    assert gateway.post(call.ljust(1024 * 1024 + 1))[0] == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/x-www-form-urlencoded"}, 415),
        ({"host": "rebound.example"}, 421),
        ({"host": "rebound.example:8545"}, 421),
        ({"host": "localhost:8545"}, 200),
    ],
)
def test_pages_in_a_browser_do_not_reach_the_chain(
    gateway: Any, headers: dict[str, str], status: int
) -> None:
    call = b'{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}'
    assert gateway.post(call, **headers)[0] == status


def test_refused_transaction_gets_the_chains_own_answer_and_changes_nothing(gateway: Any) -> None:
    before = ask(gateway, "eth_getBlockByNumber", "latest", False)["result"]["hash"]
    assert "error" in ask(gateway, "eth_sendRawTransaction", "0x02" + "00" * 40)
    assert ask(gateway, "eth_getBlockByNumber", "latest", False)["result"]["hash"] == before


def test_chain_has_no_accounts_of_its_own(gateway: Any) -> None:
    assert ask(gateway, "eth_accounts")["result"] == []


def test_taken_port_is_said_plainly(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        settings = {**os.environ, "LEDGER_STATE_DIR": str(tmp_path), "LEDGER_PORT": port}
        ended = subprocess.run(
            [sys.executable, "-m", "ledger"], env=settings, capture_output=True, text=True, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"ledger: expected port {port} of 127.0.0.1 to be free, it is taken")
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LEDGER_PORT", "http", "LEDGER_PORT"),
        ("LEDGER_CHAIN_ID", "0", "LEDGER_CHAIN_ID"),
        ("LEDGER_ANVIL", "/nowhere/anvil", "make env"),
    ],
)
def test_bad_settings_stop_the_start(tmp_path: Path, name: str, value: str, says: str) -> None:
    settings = {**os.environ, "LEDGER_STATE_DIR": str(tmp_path), "LEDGER_PORT": "0", name: value}
    ended = subprocess.run(
        [sys.executable, "-m", "ledger"], env=settings, capture_output=True, text=True, check=False
    )
    assert ended.returncode != 0
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr


def test_killed_gateway_leaves_no_chain_behind_and_comes_back_with_the_same_head(
    make_gateway: Callable[[], Any], make_world: Callable[[str], Any]
) -> None:
    gateway = make_gateway()
    gateway.start()
    world = make_world(gateway.url)
    roots = [world.anchor() for _ in range(5)]
    head = world.ledger.head()
    # A second one over the same state is refused while the first one lives.
    settings = {**os.environ, "LEDGER_STATE_DIR": str(gateway.state_dir), "LEDGER_PORT": "0"}
    second = subprocess.run(
        [sys.executable, "-m", "ledger"], env=settings, capture_output=True, text=True, check=False
    )
    assert "another ledger gateway holds this journal" in second.stderr

    assert gateway.stop(signal.SIGKILL) == -signal.SIGKILL
    gateway.start()

    assert world.ledger.head() == head
    assert all(
        world.ledger.anchor(world.bank.identity, world.schema, world.grant_number, root) for root in roots
    )
    assert gateway.stop() == 0
    world.ledger.close()


# --- the port, by raw sockets (T57) -----------------------------------------------------------------------------

LIVE = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def exchange(gateway: Any, *pieces: bytes, wait: float = 15) -> bytes:
    """Everything that comes back until the connection is closed."""
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=wait) as one:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces:
                one.sendall(piece)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := one.recv(65536):
                received += piece
        return received


def test_silent_connections_close_nothing(gateway: Any) -> None:
    """Five hundred and twelve of them closed this port to everybody, health included."""
    with contextlib.ExitStack() as crowd:
        for number in range(700):
            silent = crowd.enter_context(socket.create_connection(("127.0.0.1", gateway.port), timeout=15))
            if number % 2:
                silent.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n")
        assert exchange(gateway, LIVE).startswith(b"HTTP/1.1 200 OK")
        assert ask(gateway, "eth_chainId")["result"] == "0x7a69"


def test_header_is_bounded(gateway: Any) -> None:
    start = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: "
    began = time.monotonic()
    answer = exchange(gateway, start, *[b"y" * (1 << 20)] * 16)
    assert answer[:12] in {b"", b"HTTP/1.1 431"}
    assert time.monotonic() - began < 10
    assert exchange(gateway, start, b"y" * (40 * 1024) + b"\r\n\r\n").startswith(b"HTTP/1.1 431 ")
    assert (
        exchange(gateway, b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"a: b\r\n" * 200, b"\r\n")[
            9:12
        ]
        == b"431"
    )
    assert ask(gateway, "eth_chainId")["result"] == "0x7a69"


def test_slow_body_hears_that_it_is_late(gateway: Any) -> None:
    header = (
        b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
    )
    answer = exchange(gateway, header, wait=40)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"cache-control: no-store" in answer


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /health/live", b"200"),
        (b"GET /health/ready", b"200"),
        (b"GET /nowhere", b"404"),
        (b"GET /", b"405"),
        (b"POST /health/live", b"405"),
        (b"POST /", b"415"),
    ],
)
def test_no_answer_of_the_gateway_may_be_kept_and_head_is_get_without_a_body(
    gateway: Any, request_line: bytes, status: bytes
) -> None:
    rest = b" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    head, _, body = exchange(gateway, request_line + rest).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 " + status)
    assert head.count(b"cache-control: no-store") == 1
    if request_line.startswith(b"GET"):
        asked, _, nothing = exchange(gateway, request_line.replace(b"GET", b"HEAD") + rest).partition(
            b"\r\n\r\n"
        )
        assert nothing == b""
        length = b"content-length: " + str(len(body)).encode()
        assert asked.startswith(b"HTTP/1.1 " + status)
        assert status != b"200" or length in asked
