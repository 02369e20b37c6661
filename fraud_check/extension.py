"""The compiled halves of the hub, and that they were built from the sources beside this code.

Python is read anew at every start, a Rust extension is not: after an update without a build the two part, and every
question would end in an error. So the hub does not start. Where the sources are not there, as in an installed wheel, both
halves came together and there is nothing to compare.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Final

from passport.errors import Misconfigured

RUST: Final = Path(__file__).parent / "rust"
EXTENSIONS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"fraud_check.engine._engine": ("bindings", "engine", "segments"), "fraud_check.tokens._oprf": ("oprf",)}
)
"""Each extension with the crates that it is built from, as its build script names them."""

_REMEDY: Final = "build it anew: make env"


def require_extensions(rust: Path = RUST) -> None:
    """Refuse to go on with an extension that is not the one this code was written for.

    Raises:
        Misconfigured: one is missing, cannot be loaded, or was built from other sources; with what to do.
    """
    for name, crates in EXTENSIONS.items():
        try:
            built = getattr(import_module(name), "SOURCES", "sources that nobody noted")
        except ImportError as error:
            raise cannot_load(error) or Misconfigured(
                f"{name} cannot be loaded ({error}): {_REMEDY}"
            ) from error
        if not rust.is_dir():
            continue
        expected = sources(rust, crates)
        if built != expected:
            raise Misconfigured(
                f"{name}: expected it to be built from the sources that are here ({expected}), got {built}: {_REMEDY}"
            )


def cannot_load(error: ImportError) -> Misconfigured | None:
    """What to say of an import that failed at an extension, missing or older than this code; None for any other."""
    if error.name not in EXTENSIONS:
        return None
    return Misconfigured(f"{error.name} cannot be loaded ({error}): {_REMEDY}")


def sources(rust: Path, crates: Iterable[str]) -> str:
    """The checksum of crates' sources, exactly as ``rust/sources.rs`` computes it."""
    files = [rust / "Cargo.lock"]
    for crate in crates:
        files += [rust / crate / "Cargo.toml", *(rust / crate / "src").rglob("*.rs")]
    crc = 0
    for name, file in sorted((file.relative_to(rust).as_posix(), file) for file in files):
        crc = zlib.crc32(b"%b\0%b\0" % (name.encode(), file.read_bytes()), crc)
    return f"{crc:08x}"
