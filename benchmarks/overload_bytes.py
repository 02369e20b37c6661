"""How many bytes of the verifier's database a presentation takes, and how many of them stay.

    .venv/bin/python -m benchmarks.overload_bytes [--count 300]

Presentations are made whole through the verifier over ASGI, with a webhook; then every result is read, every event is
delivered, and as many days pass as anything is kept that is not a record. The file is as large as SQLite leaves it, with
its log written back; "of free pages" is what the next presentations take before the file grows.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.simulators.verifier_desk import Desk, new_database, open_database
from verifier.assembly import Webhook

_IN_A_BATCH = 4
_LONGEST = timedelta(days=31)
"""Longer than anything is kept that is not a record."""


class _Silent:
    """A webhook's receiver that takes everything."""

    def post(self, body: bytes, headers: Mapping[str, str]) -> None:
        """Take it."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of a database file."""

    total: int
    free: int


def size_of(file: Path) -> Size:
    """After its log was written back."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        page, pages, free = (
            int(connection.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_size", "page_count", "freelist_count")
        )
    return Size(page * pages, page * free)


async def measure(folder: Path, count: int) -> tuple[Size, Size, Size, Size]:
    """At first, with every result unread and event unsent, after both, and after as many days as anything is kept."""
    file = new_database(folder)
    database = open_database(folder)
    desk = Desk(database, parts={"webhook": Webhook(_Silent(), b"a secret of the benchmark")})
    first, results = size_of(file), []
    for _ in range(count // _IN_A_BATCH):
        opened = [await desk.open() for _ in range(_IN_A_BATCH)]
        bodies = [await one.body() for one in opened]
        desk.anchor()
        for one, body in zip(opened, bodies, strict=True):
            await one.post(body, anchored=False)
            while (await desk.api(f"/v1/applications/{one.id}")).json()["state"] != "settled":  # noqa: ASYNC110 - a poll, as a bank's
                await asyncio.sleep(0.005)
        results += opened
    unread = size_of(file)
    for one in results:
        await one.result()
    for _ in range(count // 32 + 1):
        desk.assembled.rounds["webhook"]()
    read = size_of(file)
    desk.clock.advance(_LONGEST)
    for name in ("housekeeping", "forget"):
        desk.assembled.rounds[name]()
    later = size_of(file)
    database.close()
    return first, unread, read, later


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="bytes of database for a presentation")
    parser.add_argument("--count", type=int, default=300)
    count = parser.parse_args().count // _IN_A_BATCH * _IN_A_BATCH
    with tempfile.TemporaryDirectory(prefix="financial-passport-bytes-") as folder:
        first, *sizes = asyncio.run(measure(Path(folder), count))
    for when, size in zip(("nothing read or told", "read and told", "a month later"), sizes, strict=True):
        held = (size.total - size.free - first.total + first.free) / count
        print(
            f"{count} presentations, {when}: {size.total / count:,.0f} bytes of file each, of free pages "
            f"{size.free / count:,.0f}, in use {held:,.0f}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
