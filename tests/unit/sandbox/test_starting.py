"""Starting a world: what is told when a port is taken, and whose last words are repeated."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from passport.errors import Misconfigured
from sandbox.installation import Installation
from sandbox.processes import Child
from sandbox.standing_world import require_free_ports


def test_taken_port_is_named_with_what_to_do(tmp_path: Path) -> None:
    installation = Installation.choose(tmp_path)
    require_free_ports(installation)
    with socket.socket() as other:
        other.bind(("127.0.0.1", installation.hub.port))
        other.listen()
        with pytest.raises(Misconfigured, match=f"{installation.hub.port} \\(hub\\)") as caught:
            require_free_ports(installation)
    assert f"remove {tmp_path}" in str(caught.value)
    assert f"sport = :{installation.hub.port}" in str(caught.value)


def test_last_words_are_those_of_this_run(tmp_path: Path) -> None:
    log = tmp_path / "log" / "child.log"
    log.parent.mkdir()
    log.write_text("an earlier run said this\n")
    child = Child("child", "no_such_module", {}, log, ready=lambda: False)
    child.start()
    with pytest.raises(Misconfigured, match="no_such_module") as caught:
        child.wait_until_ready(30)
    assert "earlier run" not in str(caught.value)
