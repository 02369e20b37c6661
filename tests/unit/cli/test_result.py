from pathlib import Path

from typer.testing import CliRunner

from cli.program import app
from cli.verifier import result_lines
from passport.strict_json import JsonObject

RUN = CliRunner()


def test_result_of_somebody_else_is_not_fetched(tmp_path: Path) -> None:
    file = tmp_path / "sandbox.json"
    party = (
        '{"url": "http://127.0.0.1:9", "did": "did:ethr:0x7a69:0x1111111111111111111111111111111111111111"}'
    )
    file.write_text(
        f'{{"rpc_url": "http://127.0.0.1:9", "chain_id": 31337, "contracts": {{}}, "bank_a": {party}, "bank_x": {party}}}'
    )
    result = RUN.invoke(app, ["result", "http://127.0.0.1:10/v1/results/x", "--world", str(file)])
    assert result.exit_code == 2
    assert "of bank X" in result.stderr


def test_officer_reads_notes_and_what_was_shown_the_one_time_that_it_is_told() -> None:
    said: JsonObject = {
        "status": "verified",
        "person_hears": "opened",
        "reasons": [],
        "notes": ["issuer_no_longer_accredited"],
        "steps": [{"step": "envelope", "answer": "accepted"}],
        "disclosed": {"identity": {"family_name": "LIN\x1b[31m", "nationalities": ["TW"]}},
    }
    lines = result_lines(said)
    assert "Notes:   issuer_no_longer_accredited" in lines
    assert '  identity: nationalities: ["TW"]' in lines
    assert any("family_name" in line for line in lines)
    assert not any("\x1b" in line for line in lines)
    later = result_lines({name: value for name, value in said.items() if name != "disclosed"})
    assert not any("identity" in line for line in later)
