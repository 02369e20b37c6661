"""The W3C form of a proof of funds: signed and checked by didkit in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import stat
from pathlib import Path
from typing import Any

import pytest

from issuer.remote.didkit_process import DidkitProcess, open_w3c_key
from passport.anchor import AnchorScope, leaf_hash
from passport.did import DidKey
from passport.errors import Misconfigured, Unavailable
from passport.identifiers import PROOF_OF_FUNDS, Address, DidEthr
from passport.registry import schema_id
from passport.vcdm import document_hash, read_vc11
from service.key_files import save_secret
from service.system import SystemClock, SystemEntropy

World = Any


async def test_document_is_issued_read_verified_and_anchored_as_proof_of_funds(
    world: World, documents: DidkitProcess
) -> None:
    made = await world.offer("lin", "proof-of-funds", config="proof-of-funds-vc11")
    wallet = world.wallet()
    token = (await wallet.token(made["offer"], made["tx_code"])).json()["access_token"]
    proofs = wallet.proofs(await wallet.nonce(), wallet.keys[:1])
    answer = await wallet.credential(token, "proof-of-funds-vc11", proofs)
    document = answer.json()["credentials"][0]["credential"]
    assert (await wallet.credential(token, "proof-of-funds-vc11", proofs)).content == answer.content
    read = read_vc11(document)
    opened = read.unverified_open_claims
    assert opened.holder_key == wallet.keys[0].public_jwk
    assert document["credentialSubject"]["id"] == str(DidKey.from_jwk(wallet.keys[0].public_jwk))
    assert read.unverified_funds.thresholds.met("total", "usd_100000")
    assert documents.errors_in(document) == ()
    document["credentialSubject"]["proof_of_funds"]["thresholds"]["total"]["usd_1000000"] = True
    assert documents.errors_in(document) != ()
    did = DidEthr.parse(world.settings.did)
    scope = AnchorScope(did.chain_id, Address("0x" + "cd" * 20), did.address, schema_id(PROOF_OF_FUNDS))
    leaf = leaf_hash(scope, salt=opened.anchor.salt, credential_hash=read.credential_hash)
    found = await world.client.get(
        "/v1/operator/credentials?customer=lin",
        headers={"Authorization": "Bearer operator-token-of-the-tests"},
    )
    assert found.json()["credentials"][0]["configuration"] == "proof-of-funds-vc11"
    for _ in range(100):
        if world.ledger.anchors:
            break
        await world.client.get("/health/live")
    files = [(await world.client.get(f"/leaves/{one.root.hex()}")).content for one in world.ledger.anchors]
    assert any(leaf in one for one in files)
    assert world.ledger.announced == {"did/pub/Ed25519/veriKey/base58": documents.did_key.raw}


async def test_metadata_name_the_form(world: World) -> None:
    document = (await world.client.get("/.well-known/openid-credential-issuer")).json()
    described = document["credential_configurations_supported"]["proof-of-funds-vc11"]
    assert described["format"] == "ldp_vc"
    assert "vct" not in described
    assert described["credential_definition"]["type"] == ["VerifiableCredential", "FinancialProofOfFunds"]


def unsigned(documents: DidkitProcess) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "issuer": str(documents.did_key),
        "issuanceDate": "2026-11-20T04:00:00Z",
        "credentialSubject": {"id": "urn:uuid:7f9c3d1e-0000-4000-8000-000000000001"},
    }


def test_a_crashed_worker_is_replaced(documents: DidkitProcess) -> None:
    first = documents.sign(unsigned(documents), SystemClock().now())
    process = documents._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert document_hash(documents.sign(unsigned(documents), SystemClock().now())) == document_hash(first)
    documents.close()


def test_a_context_from_outside_is_not_loaded(documents: DidkitProcess) -> None:
    strange = {**unsigned(documents), "@context": ["https://strange.example/context"]}
    with pytest.raises(Unavailable):
        documents.sign(strange, SystemClock().now())
    documents.close()


def test_key_file_is_made_once_private_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "w3c.jwk"
    first = open_w3c_key(path, SystemEntropy())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_w3c_key(path, SystemEntropy()) == first
    wrong = json.loads(path.read_text()) | {"crv": "X25519"}
    save_secret(path, json.dumps(wrong).encode())
    with pytest.raises(Misconfigured):
        open_w3c_key(path, SystemEntropy())
