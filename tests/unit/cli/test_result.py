from pathlib import Path

from typer.testing import CliRunner

from cli.__main__ import app

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
