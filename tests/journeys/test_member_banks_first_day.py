"""The example of docs/hub-api.md, as an engineer of a member bank would copy it, against a running world."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from tests.simulators.abroad import Abroad

PAGE = Path(__file__).parents[2] / "docs" / "hub-api.md"


def test_the_documents_example_runs_as_it_stands(
    abroad: Abroad, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "var").symlink_to(abroad.standing.installation.root, target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, str(PAGE), "exec"), {})  # noqa: S102 - our own page
    hops, newest = capsys.readouterr().out.split()
    assert hops == "None"
    assert int(newest) >= 0
