"""Bank A killed at F05 and F06 and started again: real processes, a real ledger, real HTTP.

F01 to F04 are in ``test_branches``, where the wallet that retries is the real one, too.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
import pytest

from issuer.use_cases.publish_status import BITS
from ledger import Ledger, LedgerSettings, open_ledger
from passport.anchor import LeafFile
from passport.identifiers import PROOF_OF_FUNDS
from passport.jose import PrivateKeySigner, parse_compact
from passport.registry import Role, schema_id
from passport.status import TOKEN_LIMITS, StatusList, list_id_of
from passport.strict_json import as_object, get_integer, get_object, loads
from sandbox.accreditation import Accreditation, accredit
from sandbox.core_banking import new_sign_in, write_bank_file, write_officer_tokens
from sandbox.installation import CHAIN_ID, Installation
from sandbox.processes import Child
from sandbox.services import bank_a, ledger_gateway
from sandbox.world import make_world
from service.system import SystemClock, SystemEntropy
from tests.simulators.vci_wallet import VciWallet

pytestmark = pytest.mark.journey


@dataclass(frozen=True, slots=True)
class Town:
    """A ledger that runs, and a bank that the test starts and kills."""

    installation: Installation
    accredited: Accreditation
    bank: Child
    ledger: Ledger

    @property
    def url(self) -> str:
        return self.installation.bank_a.base_url

    @property
    def operator(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.installation.token('bank_a').read_text()}"}

    def officer(self, name: str) -> dict[str, str]:
        token = (self.installation.officers / f"{name}.token").read_text().strip()
        return {"Authorization": f"Bearer {token}"}

    @asynccontextmanager
    async def open(self, fault: str = "") -> AsyncIterator[httpx.AsyncClient]:
        """The bank is up; with ``fault`` it will kill itself there."""
        self.bank.start({"FAULT_POINT": fault} if fault else None)
        try:
            await asyncio.to_thread(self.bank.wait_until_ready)
            async with httpx.AsyncClient(base_url=self.url, timeout=10) as client:
                yield client
        finally:
            await asyncio.to_thread(self.bank.stop)

    async def died(self) -> bool:
        assert self.bank.process is not None
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                while self.bank.running:  # noqa: ASYNC110 - a process has no event to wait for
                    await asyncio.sleep(0.02)
        return self.bank.process.returncode == -9

    async def offer(self, client: httpx.AsyncClient) -> dict[str, str]:
        body = {"customer": "lin", "credentials": ["proof-of-funds"]}
        made: dict[str, str] = (
            await client.post("/v1/operator/offers", json=body, headers=self.operator)
        ).json()
        return made

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.installation.state("bank_a") / "issuer.sqlite") as database:
            return database.execute(query).fetchall()


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    installation = Installation.choose(tmp_path_factory.mktemp("town"))
    gateway = ledger_gateway(installation)
    gateway.start()
    try:
        gateway.wait_until_ready()
        accredited = accredit(installation, with_hub=False)
        today = datetime.now(UTC).date()
        world = make_world(seed=7, today=today, accounts=200, transfers=200)
        write_bank_file(installation.bank_file, world, new_sign_in(world))
        write_officer_tokens(installation.officers)
        bank = bank_a(installation, accredited, hub=False)
        ledger = open_ledger(LedgerSettings(installation.rpc_url, CHAIN_ID, accredited.contracts))
        yield Town(installation, accredited, bank, ledger)
        ledger.close()
        bank.stop()
    finally:
        gateway.stop()


@dataclass(slots=True)
class Holder:
    """A wallet that remembers what it sent, so that it can send it again."""

    wallet: VciWallet
    made: dict[str, str]
    token: str = ""
    proofs: tuple[str, ...] = ()

    async def redeem(self) -> None:
        self.token = (await self.wallet.token(self.made["offer"], self.made["tx_code"])).json()[
            "access_token"
        ]

    async def request(self) -> list[str]:
        if not self.proofs:
            self.proofs = tuple(self.wallet.proofs(await self.wallet.nonce()))
        answer = await self.wallet.credential(self.token, "proof-of-funds", self.proofs)
        assert answer.status_code == 200, answer.text
        return [one["credential"] for one in answer.json()["credentials"]]


def holder(town: Town, client: httpx.AsyncClient, made: dict[str, str]) -> Holder:
    key = PrivateKeySigner.generate(SystemEntropy())
    return Holder(VciWallet(client, town.url, SystemClock(), key), made)


@pytest.mark.parametrize("point", ["anchor.after_seal", "anchor.after_send"])
async def test_f06_killed_while_anchoring_no_leaf_is_anchored_twice_or_lost(town: Town, point: str) -> None:
    async with town.open(point) as client:
        somebody = holder(town, client, await town.offer(client))
        await somebody.redeem()
        with suppress(httpx.TransportError):
            await somebody.request()
        assert await town.died()
    async with town.open() as client:
        somebody.wallet.client = client
        await somebody.request()
        anchored: list[bytes] = []
        for _ in range(100):
            if not town.rows("SELECT leaf FROM leaf WHERE batch_root IS NULL") and not town.rows(
                "SELECT root FROM batch WHERE state = 'sealed'"
            ):
                break
            await asyncio.sleep(0.05)
        for record in town.ledger.anchors_since(0):
            file = await client.get(f"/leaves/{record.root.hex()}")
            anchored += LeafFile.parse(file.content, root=record.root, size=record.size).tree.leaves
        assert {record.size for record in town.ledger.anchors_since(0)} == {64}
        held = town.ledger.grants(
            town.accredited.dids["bank_a"].address, Role.ISSUER, schema_id(PROOF_OF_FUNDS)
        )
        assert {one.grant_number for one in town.ledger.anchors_since(0)} == {held[0].number}
    leaves = [bytes(row[0]) for row in town.rows("SELECT leaf FROM credential")]  # type: ignore[call-overload]  # a blob
    assert all(anchored.count(leaf) == 1 for leaf in leaves)


async def test_f05_killed_while_publishing_a_status_list_the_version_is_the_ledgers(town: Town) -> None:
    async with town.open() as client:
        somebody = holder(town, client, await town.offer(client))
        await somebody.redeem()
        await somebody.request()
        asked = await client.post(
            "/v1/operator/credentials/revoke",
            json={"customer": "lin", "reason": "closed"},
            headers=town.officer("officer-1"),
        )
    async with town.open("status.mid_publish") as client:
        with pytest.raises(httpx.TransportError):
            await client.post(
                f"/v1/operator/revocations/{asked.json()['revocation_id']}/approve",
                json={},
                headers=town.officer("officer-2"),
            )
        assert await town.died()
    async with town.open() as client:
        served = parse_list((await client.get("/status/1")).text)
        record = town.ledger.status_record(
            town.accredited.dids["bank_a"].address, list_id_of(f"{town.url}/status/1")
        )
    assert record is not None
    assert served[1] == record.version
    revoked = town.rows("SELECT list_index FROM credential")
    assert revoked
    assert {served[0].get(int(str(row[0]))).name for row in revoked} == {"REVOKED"}
    assert served[0].bits == BITS


def parse_list(token: str) -> tuple[StatusList, int]:
    claims = as_object(loads(parse_compact(token, TOKEN_LIMITS).unverified_payload, TOKEN_LIMITS))
    return StatusList.from_json(get_object(claims, "status_list")), get_integer(claims, "version")


async def test_no_canary_is_in_the_log(town: Town) -> None:
    async with town.open() as client:
        somebody = holder(town, client, await town.offer(client))
        await somebody.redeem()
        await somebody.request()
    log = await asyncio.to_thread(town.bank.log.read_text)
    assert '"event":"request"' in log
    for canary in ("MEI-HUI", "林美惠", "\\u6797", somebody.token, somebody.made["tx_code"] + '"', "3250000"):
        assert canary not in log
    assert "Traceback" not in log
