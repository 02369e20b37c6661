from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulators.hub_world import HubWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[HubWorld]:
    """A hub that is up."""
    made = HubWorld(tmp_path)
    made.start()
    yield made
    made.close()
