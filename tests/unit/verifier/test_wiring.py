"""A start from files and environment: complete, or one sentence that says what is wrong."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from passport.errors import Misconfigured
from passport.jose import PrivateKeySigner
from passport.x509 import certificates_to_pem, make_leaf, make_root
from service.settings import read_settings
from tests.simulators.ledger_events import granted
from tests.simulators.ledger_node import SIMULATED_CONTRACTS, SimulatedNode
from tests.simulators.ledger_relay import Relay
from tests.simulators.verifier_world import RealEntropy, new_did, new_signer
from verifier.settings import VerifierSettings
from verifier.wiring import build, ledger_settings

CONTRACTS = [
    "EthereumDIDRegistry", "TrustRegistry", "AnchorRegistry", "StatusRegistry", "VerifierLens",
]  # fmt: skip


@dataclass
class Installation:
    folder: Path
    environment: dict[str, str]

    def settings(self, monkeypatch: pytest.MonkeyPatch) -> VerifierSettings:
        for name, value in self.environment.items():
            monkeypatch.setenv(f"VERIFIER_{name}", value)
        return read_settings(VerifierSettings)


def secret(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    path.chmod(0o600)
    return str(path)


def certify(signer: PrivateKeySigner, did: str) -> tuple[bytes, bytes]:
    then = datetime.now(UTC).replace(microsecond=0) - timedelta(days=1)
    root = make_root(name="Consortium", signer=new_signer(), not_before=then, entropy=RealEntropy())
    leaf = make_leaf(
        root, name="X", jwk=signer.public_jwk, not_before=then, entropy=RealEntropy(), san_uris=[did]
    )
    return certificates_to_pem([root.certificate]), certificates_to_pem([leaf])


def register(did: str, purpose: str) -> str:
    words = {"en": "words", "zh-TW": "字"}
    return json.dumps(
        {
            "did": did,
            "legal_name": words,
            "lei": "529900T8BM49AURSDO55",
            "country": "SG",
            "contact": "x.example",
            "purposes": [{"id": purpose, "words": words}],
            "data_categories": [{"id": "identity", "words": words}],
            "retention_days": 1,
            "retention": words,
            "recipients": words,
            "rights": words,
            "if_refused": words,
            "asks_hub": False,
        }
    )


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    signer, did = new_signer(), str(new_did())
    root, leaf = certify(signer, did)
    (tmp_path / "roots.pem").write_bytes(root)
    (tmp_path / "leaf.pem").write_bytes(leaf)
    (tmp_path / "registration.json").write_text(register(did, "account-opening"))
    return Installation(
        tmp_path,
        {
            "PROFILE": "sandbox",
            "PORT": "1",
            "BASE_URL": "http://127.0.0.1:1",
            "STATE_DIR": str(tmp_path / "state"),
            "RPC_URL": "http://127.0.0.1:9",
            "CHAIN_ID": "31337",
            "CONTRACTS": json.dumps(dict.fromkeys(CONTRACTS, "0x" + "a1" * 20)),
            "TRUST_ROOTS": str(tmp_path / "roots.pem"),
            "SIGNING_KEY": secret(tmp_path / "key.pem", signer.to_pem()),
            "CERTIFICATE": str(tmp_path / "leaf.pem"),
            "ACCOUNT_KEY": str(tmp_path / "account"),
            "DID": did,
            "API_TOKEN": secret(tmp_path / "token", b"a-token-of-some-length"),
            "REGISTRATION": str(tmp_path / "registration.json"),
        },
    )


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


async def test_whole_verifier_starts_and_says_that_the_ledger_was_not_seen(
    installation: Installation, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = build(installation.settings(monkeypatch), stack)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://x.test") as client,
    ):
        ready = await client.get("/health/ready")
        assert ready.status_code == 503
        assert ready.json()["parts"] == {"database": "ok", "ledger": "failing"}
        opened = await client.post(
            "/v1/applications",
            json={"policy": "account-opening"},
            headers={"Authorization": "Bearer a-token-of-some-length"},
        )
        assert opened.status_code == 201


async def test_verifier_is_not_ready_while_it_cannot_read_the_ledger(
    installation: Installation, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Threat T55: a node hides what a block says, and is well again later; no restart in between."""
    node = SimulatedNode(SIMULATED_CONTRACTS)
    relay = Relay(node)
    stack.callback(relay.close)
    installation.environment["RPC_URL"] = relay.url
    installation.environment["CONTRACTS"] = json.dumps(
        {name: str(at) for name, at in SIMULATED_CONTRACTS.items()}
    )
    app = build(installation.settings(monkeypatch), stack)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://x.test") as client,
    ):

        async def becomes(status: int) -> bool:
            for _ in range(200):
                if (await client.get("/health/ready")).status_code == status:
                    return True
                await asyncio.sleep(0.05)
            return False

        assert await becomes(200)
        relay.hidden = frozenset({"eth_getLogs", "eth_getBlockReceipts"})
        node.block(granted(1))
        assert await becomes(503)
        assert (await client.get("/health/ready")).json()["parts"] == {"database": "ok", "ledger": "failing"}
        relay.hidden = frozenset()
        assert await becomes(200)


def test_further_nodes_and_finality_reach_the_follower(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.environment |= {
        "OTHER_RPC_URLS": '["http://127.0.0.1:8", "http://127.0.0.1:7"]',
        "CONFIRMATIONS": "12",
        "FIRST_BLOCK": "99",
    }
    told = ledger_settings(installation.settings(monkeypatch))
    assert told.other_rpc_urls == ("http://127.0.0.1:8", "http://127.0.0.1:7")
    assert (told.confirmations, told.first_block) == (12, 99)


def spoil_key(it: Installation) -> None:
    secret(it.folder / "key.pem", new_signer().to_pem())


def open_key_to_all(it: Installation) -> None:
    (it.folder / "key.pem").chmod(0o644)


def certify_another(it: Installation) -> None:
    it.environment["DID"] = str(new_did())


def name_no_did(it: Installation) -> None:
    it.environment["DID"] = "did:web:x.example"


def register_another(it: Installation) -> None:
    (it.folder / "registration.json").write_text(register(str(new_did()), "account-opening"))


def register_another_purpose(it: Installation) -> None:
    (it.folder / "registration.json").write_text(register(it.environment["DID"], "marketing"))


def name_half_a_hub(it: Installation) -> None:
    it.environment["HUB_URL"] = "http://127.0.0.1:2"


def ask_a_hub_that_nobody_is_told_of(it: Installation) -> None:
    it.environment |= {"HUB_URL": "http://127.0.0.1:2", "HUB_DID": str(new_did())}


def name_half_a_webhook(it: Installation) -> None:
    it.environment["WEBHOOK_URL"] = "https://x.example/hook"


def forget_a_contract(it: Installation) -> None:
    it.environment["CONTRACTS"] = json.dumps({"TrustRegistry": "0x" + "a1" * 20})


def misspell_a_contract(it: Installation) -> None:
    it.environment["CONTRACTS"] = json.dumps(dict.fromkeys(CONTRACTS, "0xa1"))


def forget_the_token(it: Installation) -> None:
    (it.folder / "token").unlink()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_key, "VERIFIER_CERTIFICATE"),
        (open_key_to_all, "key.pem"),
        (certify_another, "VERIFIER_CERTIFICATE"),
        (name_no_did, "VERIFIER_DID"),
        (register_another, "VERIFIER_REGISTRATION"),
        (register_another_purpose, "registered purpose"),
        (name_half_a_hub, "HUB_URL and HUB_DID"),
        (ask_a_hub_that_nobody_is_told_of, "the hub that VERIFIER_REGISTRATION names"),
        (name_half_a_webhook, "WEBHOOK_SECRET"),
        (forget_a_contract, "contract"),
        (misspell_a_contract, "VERIFIER_CONTRACTS"),
        (forget_the_token, "API token"),
    ],
)
def test_bad_settings_stop_the_start(
    installation: Installation,
    stack: ExitStack,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Installation], None],
    said: str,
) -> None:
    spoil(installation)
    with pytest.raises(Misconfigured, match=said):
        build(installation.settings(monkeypatch), stack)
