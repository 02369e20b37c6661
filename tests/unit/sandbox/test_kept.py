import json
from pathlib import Path

import pytest

from passport.errors import Misconfigured
from sandbox.kept import KEPT_FILE, find_kept


def test_nothing_was_kept_where_nothing_was_made(tmp_path: Path) -> None:
    assert find_kept(tmp_path) is None


@pytest.mark.parametrize("content", ["{}", "[]", "", json.dumps({"version": 1, "ports": {}})])
def test_world_of_another_version_says_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / KEPT_FILE).write_text(content)
    with pytest.raises(Misconfigured, match="remove"):
        find_kept(tmp_path)
