import json
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.answering import counted
from cli.program import app
from cli.world import find_world, world_path
from passport.errors import Misconfigured
from wallet_tui.phrases import Phrase

RUN = CliRunner()


def _world(path: Path, url: str = "http://127.0.0.1:9", secret: str | None = "operator") -> Path:
    file = path / "sandbox.json"
    party = {"url": url, "did": "did:ethr:0x7a69:0x" + "11" * 20}
    if secret:
        (path / secret).write_text("token")
        party["secret_file"] = secret
    file.write_text(
        json.dumps({"rpc_url": url, "chain_id": 31337, "contracts": {}, "bank_a": party, "bank_x": party})
    )
    return file


def test_without_a_world_the_message_says_how_to_start_one(tmp_path: Path) -> None:
    result = RUN.invoke(app, ["bank", "queue", "--world", str(tmp_path / "none.json")])
    assert result.exit_code == 2
    assert "make up" in result.stderr


def test_world_file_of_another_kind_is_named(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.json"
    file.write_text("[]")
    result = RUN.invoke(app, ["bank", "queue", "--world", str(file)])
    assert result.exit_code == 2
    assert "not a world file" in result.stderr


@pytest.fixture
def _no_world_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PASSPORT_WORLD", raising=False)
    monkeypatch.setattr("cli.world.CHECKOUT", tmp_path / "checkout")


@pytest.mark.usefixtures("_no_world_named")
def test_world_is_found_from_a_folder_below_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "above" / "var").mkdir(parents=True)
    kept = _world(tmp_path / "above" / "var")
    (tmp_path / "above" / "deep" / "deeper").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "above" / "deep" / "deeper")
    assert world_path(None) == kept
    assert find_world(None).path == kept


@pytest.mark.usefixtures("_no_world_named")
def test_world_of_the_programs_own_checkout_is_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "checkout" / "var").mkdir(parents=True)
    kept = _world(tmp_path / "checkout" / "var")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert find_world(None).path == kept
    named = tmp_path / "another.json"
    assert world_path(named) == named
    monkeypatch.setenv("PASSPORT_WORLD", str(named))
    assert world_path(None) == named


@pytest.mark.usefixtures("_no_world_named")
def test_world_that_somebody_else_put_above_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shared" / "var").mkdir(parents=True)
    _world(tmp_path / "shared" / "var")
    (tmp_path / "shared" / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "shared" / "mine")
    monkeypatch.setattr("os.geteuid", lambda: 4_000_000)
    with pytest.raises(Misconfigured, match="no world is up"):
        find_world(None)


def test_version_is_told() -> None:
    result = RUN.invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"passport {version('financial-passport')}\n")


@pytest.mark.parametrize("spoilt", ["missing", "unnamed"])
def test_missing_secret_is_named_without_a_trace(tmp_path: Path, spoilt: str) -> None:
    file = _world(tmp_path, secret=None if spoilt == "unnamed" else "operator")
    if spoilt == "missing":
        (tmp_path / "operator").unlink()
    result = RUN.invoke(app, ["bank", "queue", "--world", str(file)])
    assert result.exit_code == 2
    assert "bank A's operator" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("officer", ["../operator", "nobody", ""])
def test_officer_without_a_token_is_named_and_no_other_file_is_read(tmp_path: Path, officer: str) -> None:
    file = _world(tmp_path)
    content = json.loads(file.read_text())
    content["bank_a"]["officers_directory"] = "officers"
    file.write_text(json.dumps(content))
    (tmp_path / "officers").mkdir()
    (tmp_path / "officers" / "officer-2.token").write_text("token")
    result = RUN.invoke(app, ["bank", "approve", "an-offer", "--officer", officer, "--world", str(file)])
    assert result.exit_code == 2
    assert "officer-2" in result.stderr


def test_bank_that_cannot_be_reached_is_could_not_find_out(tmp_path: Path) -> None:
    result = RUN.invoke(app, ["bank", "queue", "--json", "--world", str(_world(tmp_path))])
    assert result.exit_code == 3
    assert json.loads(result.stdout)["error"] == "upstream_unavailable"


@pytest.mark.parametrize("day", ["31/12/2026", "2026-02-30", "yesterday", "2026-1-1"])
def test_day_that_is_none_is_told_its_form_before_the_bank_is_asked(tmp_path: Path, day: str) -> None:
    asked = ["offer", "--customer", "lin", "--credential", "proof-of-funds", "--as-of", day, "--json"]
    result = RUN.invoke(app, [*asked, "--world", str(_world(tmp_path))])
    assert (result.exit_code, json.loads(result.stdout)["error"]) == (2, "malformed")
    assert "YYYY-MM-DD" in result.stdout


@pytest.mark.parametrize(("number", "said"), [(0, "0 copies"), (1, "1 copy"), (2, "2 copies")])
def test_one_is_not_many(number: int, said: str) -> None:
    assert counted(number, "copy", "copies") == said
    assert Phrase.counted(number, "copy", "copies", "份副本").en == said
