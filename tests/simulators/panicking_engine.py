"""The Rust engine in a build that panics on request, in the place of the shipped one, which cannot.

A plug-in of pytest (``-p tests.simulators.panicking_engine``), so that it is there before anything imports the engine.
``tests/unit/fraud_check/engine/panics/run`` builds it and says where it lies.
"""

from __future__ import annotations

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Final

NAME: Final = "fraud_check.engine._engine"


def load(path: Path) -> ModuleType:
    """Put the module in the place of the shipped one; from then on every import finds it."""
    if NAME in sys.modules:
        raise RuntimeError(f"{NAME} was imported before it could be replaced")
    spec = spec_from_file_location(NAME, path)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{path}: expected an extension module")
    module = module_from_spec(spec)
    sys.modules[NAME] = module
    spec.loader.exec_module(module)
    return module


load(Path(os.environ["PASSPORT_PANICKING_ENGINE"]))
