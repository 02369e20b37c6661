"""``passport wallet``: what a script and a person get, without a world."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.program import app
from holder import RecoveryPhrase, create_wallet
from holder.wiring import SystemEntropy
from ledger import ContractName
from passport.jose import PrivateKeySigner
from passport.x509 import certificates_to_pem, make_root

RUN = CliRunner()
PASSPHRASE = "correct horse"
OFFER_LINK = "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fphish.example%2Foffer"


@pytest.fixture
def wallet_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "wallet"
    monkeypatch.setenv("PASSPORT_WALLET", str(path))
    monkeypatch.setenv("PASSPORT_WALLET_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("PASSPORT_WORLD", str(tmp_path / "none.json"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return path


@pytest.fixture
def world_file(tmp_path: Path) -> Path:
    """A world whose ledger cannot be reached."""
    roots = tmp_path / "roots.pem"
    root = make_root(
        name="Root",
        signer=PrivateKeySigner.generate(SystemEntropy()),
        not_before=datetime.now(UTC),
        entropy=SystemEntropy(),
    )
    roots.write_bytes(certificates_to_pem([root.certificate]))
    world = tmp_path / "world.json"
    # Port 9 answers nobody: whoever gets as far as the gate finds the ledger out of reach, and goes no further.
    world.write_text(
        json.dumps(
            {
                "rpc_url": "http://127.0.0.1:9",
                "chain_id": 31337,
                "contracts": dict.fromkeys(ContractName, "0x" + "11" * 20),
                "trust_roots": "roots.pem",
            }
        )
    )
    return world


def run(*arguments: str) -> tuple[int, dict[str, object]]:
    result = RUN.invoke(app, ["wallet", *arguments, "--json"])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, json.loads(result.stdout)


def test_init_prints_the_recovery_phrase_once_and_overwrites_nothing(wallet_path: Path) -> None:
    code, said = run("init", "--yes")
    assert code == 0
    assert len(str(said["recovery_phrase"]).split()) == 24
    before = wallet_path.read_bytes()
    code, said = run("init", "--yes")
    assert (code, said["error"]) == (1, "conflict")
    assert wallet_path.read_bytes() == before


def test_list_needs_no_world(wallet_path: Path) -> None:
    run("init", "--yes")
    assert run("list") == (0, {"credentials": [], "notices": []})
    assert run("history") == (0, {"presentations": []})
    assert wallet_path.exists()


def test_wrong_passphrase_missing_and_damaged_wallet_differ(
    wallet_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = run("list")
    assert (code, said["error"]) == (1, "not_found")
    run("init", "--yes")
    monkeypatch.setenv("PASSPORT_WALLET_PASSPHRASE", "something else")
    code, said = run("list")
    assert (code, said["error"]) == (1, "not_authorised")
    monkeypatch.setenv("PASSPORT_WALLET_PASSPHRASE", PASSPHRASE)
    content = bytearray(wallet_path.read_bytes())
    content[-1] ^= 1
    wallet_path.write_bytes(content)
    code, said = run("list")
    assert (code, said["error"]) == (2, "malformed")
    assert "damaged at byte" in str(said["error_description"])
    assert "wallet init --restore" in str(said["error_description"])


def test_older_copy_put_back_is_told(wallet_path: Path, tmp_path: Path) -> None:
    run("init", "--yes")
    run("list")
    (seen,) = (tmp_path / "state" / "financial-passport" / "wallets").iterdir()
    seen.write_text("9")
    code, said = run("list")
    assert code == 0
    assert "older copy" in json.dumps(said["notices"])
    assert wallet_path.exists()


@pytest.mark.parametrize("arguments", [["accept", OFFER_LINK], ["present", "openid4vp://?x=1"]])
def test_without_a_world_accepting_and_presenting_say_so(wallet_path: Path, arguments: list[str]) -> None:
    code, said = run(*arguments, "--wallet", str(wallet_path))
    assert code in {1, 2}
    assert said["error"] in {"misconfigured", "not_found"}
    assert not wallet_path.exists()


def test_link_that_is_none_is_told(wallet_path: Path) -> None:
    run("init", "--yes")
    code, said = run("accept", "not a link")
    assert (code, said["error"]) == (2, "malformed")
    assert wallet_path.exists()


@pytest.mark.parametrize(
    ("arguments", "belongs"),
    [
        (["accept", "openid4vp://?client_id=x"], "passport wallet present"),
        (["accept", "  OpenID4VP://?client_id=x"], "passport wallet present"),
        (["present", "openid-credential-offer://?credential_offer=x"], "passport wallet accept"),
    ],
)
def test_link_of_the_other_kind_is_told_which_command_takes_it(
    wallet_path: Path, world_file: Path, arguments: list[str], belongs: str
) -> None:
    run("init", "--yes")
    code, said = run(*arguments, "--world", str(world_file))
    assert (code, said["error"]) == (2, "malformed")
    assert belongs in str(said["error_description"])
    assert wallet_path.exists()


def test_accept_that_makes_a_wallet_says_so_and_shows_its_phrase_even_when_it_fails(
    wallet_path: Path, world_file: Path
) -> None:
    link = OFFER_LINK
    result = RUN.invoke(app, ["wallet", "accept", link, "--json", "--world", str(world_file)])
    assert (result.exit_code, json.loads(result.stdout)["error"]) == (3, "ledger_unavailable")
    assert f"there was no wallet at {wallet_path}" in result.stderr
    phrase = result.stderr.strip().splitlines()[-1].split()
    assert len(phrase) == 24
    wallet_path.unlink()
    again = create_wallet(wallet_path, PASSPHRASE, phrase=RecoveryPhrase.read(" ".join(phrase)))
    assert again.words == " ".join(phrase)


@pytest.mark.parametrize(
    "link", ["openid-credential-offer://?x=1", "https://bank.example/", "openid4vp://?x=1"]
)
def test_link_that_cannot_be_read_makes_no_wallet(wallet_path: Path, world_file: Path, link: str) -> None:
    code, said = run("accept", link, "--world", str(world_file))
    assert (code, said["error"]) == (2, "malformed")
    assert not wallet_path.exists()


@pytest.mark.parametrize(
    ("command", "wanted"), [("present", "openid4vp://"), ("accept", "openid-credential-offer://")]
)
def test_web_address_is_told_from_a_link(
    wallet_path: Path, world_file: Path, command: str, wanted: str
) -> None:
    address = "http://127.0.0.1:9/v1/results/abc"
    code, said = run(command, address, "--world", str(world_file))
    assert (code, said["error"]) == (2, "malformed")
    assert "a web address" in str(said["error_description"])
    assert wanted in str(said["error_description"])
    assert not wallet_path.exists()


@pytest.mark.parametrize("arguments", [["list"], ["init", "--yes"], ["accept", OFFER_LINK]])
def test_directory_in_a_wallets_place_is_told(
    wallet_path: Path, world_file: Path, arguments: list[str]
) -> None:
    wallet_path.mkdir()
    world = ["--world", str(world_file)] if arguments[0] == "accept" else []
    code, said = run(*arguments, *world)
    assert (code, said["error"]) == (2, "misconfigured")
    assert "is a directory" in str(said["error_description"])


def test_without_passphrase_or_terminal_the_message_says_what_to_do(
    wallet_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PASSPORT_WALLET_PASSPHRASE")
    code, said = run("init", "--yes")
    assert (code, said["error"]) == (2, "misconfigured")
    assert "PASSPORT_WALLET_PASSPHRASE" in str(said["error_description"])
    assert not wallet_path.exists()


@pytest.mark.parametrize("entry", ["argument", "file", "standard input"])
def test_every_entry_ends_at_the_same_gate(
    wallet_path: Path, tmp_path: Path, world_file: Path, entry: str
) -> None:
    """T04: the way in which a link arrives changes nothing about who is trusted."""
    link = "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fphish.example%2Foffer"
    run("init", "--yes")
    (tmp_path / "link").write_text(f"{link}\n")
    argument = {"argument": link, "file": str(tmp_path / "link"), "standard input": "-"}[entry]
    result = RUN.invoke(
        app, ["wallet", "accept", argument, "--json", "--world", str(world_file)], input=f"{link}\n"
    )
    assert (result.exit_code, json.loads(result.stdout)["error"]) == (3, "ledger_unavailable")
    assert wallet_path.exists()


def test_the_screen_wants_a_terminal(wallet_path: Path) -> None:
    result = RUN.invoke(app, ["wallet"])
    assert result.exit_code == 2
    assert "expected a terminal" in result.stderr
    assert not wallet_path.exists()


def test_an_option_before_the_command_is_refused_and_not_overlooked(
    wallet_path: Path, tmp_path: Path
) -> None:
    result = RUN.invoke(app, ["wallet", "--wallet", str(tmp_path / "other"), "list"])
    assert result.exit_code == 2
    assert "after `list`" in result.stderr
    assert not wallet_path.exists()
