from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from ledger.interfaces import interface, keccak, revert_reason
from ledger.settings import ContractName
from passport.registry import schema_ids

ROOT = Path(__file__).parents[3]


def test_descriptions_are_what_the_sources_compile_to(tmp_path: Path) -> None:
    node = shutil.which("node") or shutil.which("node", path=str(ROOT / ".venv/bin"))
    if node is None or not (ROOT / "node_modules/solc").exists():
        pytest.fail("expected node and the compiler of package-lock.json; `make env` installs them")
    compiler = str(ROOT / "contracts/compile.mjs")
    subprocess.run([node, compiler, str(tmp_path)], check=True, timeout=60)  # noqa: S603
    for name in ContractName:
        committed = json.loads((ROOT / f"ledger/contracts_abi/{name}.json").read_text())
        assert committed == json.loads((tmp_path / f"{name}.json").read_text()), (
            f"{name}: run contracts/compile.mjs"
        )


def test_no_contract_outgrows_what_a_chain_accepts() -> None:
    for name in ContractName:
        committed = json.loads((ROOT / f"ledger/contracts_abi/{name}.json").read_text())
        assert 0 < committed["deployed_size"] <= 24_576


def test_schema_ids_are_the_keccak_of_their_types() -> None:
    assert {vct: keccak(vct.encode()) for vct in schema_ids()} == dict(schema_ids())


def test_keccak_is_ethereums_and_not_sha3() -> None:
    # The well-known hash of nothing (yellow paper: KEC of the empty sequence).
    assert keccak(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


def test_a_call_begins_with_its_selector() -> None:
    call = interface(ContractName.DID_REGISTRY).call("identityOwner", "0x" + "11" * 20)
    assert call.hex() == "8733d4e8" + "00" * 12 + "11" * 20


def test_bytes_that_are_no_error_of_ours_have_no_name() -> None:
    assert revert_reason(b"") is None
    assert revert_reason(bytes.fromhex("deadbeef")) is None
