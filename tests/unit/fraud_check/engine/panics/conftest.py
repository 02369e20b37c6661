"""Panics on purpose. These tests run by ``./run`` only, with an engine built for them: the shipped one cannot panic."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from fraud_check.engine import _engine

collect_ignore_glob = [] if hasattr(_engine, "panic_at") else ["test_*.py"]

Panics = Callable[..., None]


@pytest.fixture
def panic_at() -> Iterator[Panics]:
    """Make a place panic, once or more often; a test that did not get there has shown nothing."""
    # The stub is the shipped engine's, which has neither.
    yield _engine.panic_at  # type: ignore[attr-defined]
    left = _engine.panics_left()  # type: ignore[attr-defined]
    assert left == 0, f"{left} panics did not happen"
