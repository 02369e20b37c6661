from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulators.hub_cast import Cast
from tests.simulators.hub_world import HubWorld


@pytest.fixture
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[HubWorld]:
    """A hub that is up; a test may give it other quotas."""
    made = HubWorld(tmp_path, limits=getattr(request, "param", None))
    made.start()
    yield made
    made.close()


@pytest.fixture
def cast(world: HubWorld) -> Cast:
    """The people around it."""
    return Cast(world)
