"""One whole world for every file that asks for one; each worker of a parallel run has its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.standing_world import standing_world
from tests.simulators.abroad import Abroad


@pytest.fixture(scope="session")
def abroad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Abroad]:
    """Ledger, hub, bank A and bank X, running; fewer strangers than in the demo, the same customers."""
    root = tmp_path_factory.mktemp("abroad")
    with standing_world(root, accounts=600, transfers=2000) as standing:
        yield Abroad(standing)
