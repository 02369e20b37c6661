"""``python -m benchmarks.ledger``: what the ledger costs, beside a stock client on the same chain.

Prints one JSON document: milliseconds of an anchor (its estimate, nonce, block and receipt), of a head read anew, of a
question to the follower, until a follower knows of an anchor, and of a start that replays. Limits are the design's:
a block 3.7 ms (section 9), an anchor known within 1.5 s.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection

from ledger import AccountKey, Follower, LedgerSettings, LedgerWriter, deploy, open_ledger
from passport.identifiers import PROOF_OF_FUNDS, SCHEMA_IDS
from passport.registry import Role

CHAIN_ID = 31337
PORT = 28545
ROUNDS = 200


class MachineTime:
    def now(self) -> datetime:
        return datetime.now(UTC)


class MachineEntropy:
    def token(self, size: int) -> bytes:
        return os.urandom(size)


def timed(action: Callable[[], object], rounds: int) -> dict[str, float]:
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        action()
        spent.append((time.perf_counter() - began) * 1000)
    ordered = sorted(spent)
    return {"p50_ms": round(statistics.median(ordered), 3), "p95_ms": round(ordered[int(rounds * 0.95)], 3)}


def start_gateway(state: str) -> tuple[subprocess.Popen[bytes], float]:
    began = time.perf_counter()
    settings = {**os.environ, "LEDGER_STATE_DIR": state, "LEDGER_PORT": str(PORT)}
    gateway = subprocess.Popen([sys.executable, "-m", "ledger"], env=settings, stderr=subprocess.DEVNULL)
    while True:
        try:
            connection = HTTPConnection("127.0.0.1", PORT, timeout=30)
            connection.request("GET", "/health/ready")
            connection.getresponse().read()
            connection.close()
        except OSError:
            time.sleep(0.01)
        else:
            return gateway, round((time.perf_counter() - began) * 1000, 1)


def measure(url: str) -> dict[str, object]:
    registrar, bank = AccountKey.generate(MachineEntropy()), AccountKey.generate(MachineEntropy())
    settings = LedgerSettings(url, CHAIN_ID, deploy(url, registrar, CHAIN_ID))
    ledger = open_ledger(settings)
    authority, writer = LedgerWriter(ledger, registrar), LedgerWriter(ledger, bank)
    authority.register_schema(PROOF_OF_FUNDS)
    schema = SCHEMA_IDS[PROOF_OF_FUNDS]
    until = datetime.now(UTC) + timedelta(days=9)
    number = authority.grant(
        bank.address, Role.ISSUER, valid_until=until, evidence_hash=b"e" * 32, schema=schema
    )
    follower = Follower(settings, MachineTime())
    follower.start()
    follower.wait_until(lambda: follower.last_seen_at is not None, 10)

    def until_known() -> None:
        root = os.urandom(32)
        writer.anchor(schema, number, root, 64)
        follower.wait_until(lambda: follower.anchor(bank.address, schema, number, root) is not None, 10)

    found: dict[str, object] = {
        "anchor": timed(lambda: writer.anchor(schema, number, os.urandom(32), 64), ROUNDS),
        "head_read_anew": timed(ledger.head, ROUNDS),
        "question_to_the_follower": timed(lambda: follower.grants(bank.address, Role.ISSUER), ROUNDS),
        "anchor_known_to_the_follower": timed(until_known, 20),
    }
    follower.stop()
    ledger.close()
    from web3 import HTTPProvider, Web3  # noqa: PLC0415 - the peer, imported only to be measured

    stock = Web3(HTTPProvider(url))
    found["head_read_by_stock_web3"] = timed(lambda: stock.eth.get_block("latest"), ROUNDS)
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as state:
        gateway, first = start_gateway(state)
        found: dict[str, object] = {"first_start_ms": first, **measure(f"http://127.0.0.1:{PORT}")}
        gateway.kill()
        gateway.wait()
        gateway, again = start_gateway(state)
        found["start_replaying_ms"] = again
        gateway.terminate()
        gateway.wait()
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
