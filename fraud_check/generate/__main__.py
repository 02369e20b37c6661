"""``python -m fraud_check.generate --scale S --seed 1 --out DIR``: transfers, seeds and what was planted, as files."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from fraud_check.analyst import tables
from fraud_check.generate.cases import Case
from fraud_check.generate.world import Scale, Tick, generate
from passport.errors import PassportError

FEWEST_ACCOUNTS = 1_000
MOST_DAYS = 366
TICKS = {"ms": Tick.MILLISECOND, "s": Tick.SECOND, "minute": Tick.MINUTE}


def main(arguments: list[str] | None = None) -> int:
    """Make a world and write it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m fraud_check.generate", description=__doc__)
    parser.add_argument("--scale", choices=[str(scale) for scale in Scale], default="S")
    parser.add_argument("--accounts", type=int, help="instead of the scale's")
    parser.add_argument("--transfers", type=int, help="instead of the scale's")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--per-pair", choices=["1.8", "7.8"], default="1.8", help="transfers per ordered pair"
    )
    parser.add_argument("--tick", choices=sorted(TICKS), default="s", help="ms is written as RFC 3339")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--warnings", type=int, help="instead of 402 at scale M")
    parser.add_argument("--format", choices=["parquet", "csv"], default="parquet")
    parser.add_argument("--out", type=Path, required=True, help="a directory; made if it is not there")
    asked = parser.parse_args(arguments)
    scale = Scale(asked.scale)
    accounts = scale.accounts if asked.accounts is None else asked.accounts
    transfers = accounts * 10 if asked.transfers is None else asked.transfers
    if asked.seed < 0 or (asked.warnings is not None and asked.warnings < 0):
        parser.error("expected 0 or more for --seed and --warnings")
    if accounts < FEWEST_ACCOUNTS or transfers < accounts or not 1 <= asked.days <= MOST_DAYS:
        parser.error(
            f"expected at least {FEWEST_ACCOUNTS} accounts, a transfer for each, and 1 to {MOST_DAYS} days"
        )
    sys.stderr.write(f"making {transfers:,} transfers between {accounts:,} accounts ...\n")
    try:
        asked.out.mkdir(parents=True, exist_ok=True)
        world = generate(
            asked.seed,
            accounts=accounts,
            transfers=transfers,
            per_pair=float(asked.per_pair),
            days=asked.days,
            tick=TICKS[asked.tick],
            warnings=asked.warnings,
        )
        moved = world.transfers
        finest = TICKS[asked.tick] is Tick.MILLISECOND
        columns = {
            "src": moved.src,
            "dst": moved.dst,
            "time": _times(moved.time, finest=finest),
            "amount": moved.amount,
        }
        tables.write(asked.out / f"transfers.{asked.format}", pa.table(columns))
        seeds = sorted(world.warnings.items())
        seed_times = _times(np.array([time for _, time in seeds], dtype=np.int64), finest=finest)
        listed = pa.table({"account": [account for account, _ in seeds], "time": seed_times})
        tables.write(asked.out / f"seeds.{asked.format}", listed)
        planted = json.dumps([_described(case) for case in world.cases], indent=1)
        (asked.out / "cases.json").write_text(planted + "\n", encoding="utf-8")
    except MemoryError:
        sys.stderr.write(f"generate: expected memory for {transfers:,} transfers, and there is not enough\n")
        return 2
    except (PassportError, OSError) as error:
        sys.stderr.write(f"generate: {error}\n")
        return 2
    sys.stdout.write(f"{asked.out}: transfers.{asked.format}, seeds.{asked.format}, cases.json\n")
    return 0


def _times(milliseconds: NDArray[np.int64], *, finest: bool) -> pa.Array:
    if not finest:
        return pa.array(milliseconds // 1_000)
    return pc.strftime(pa.array(milliseconds).cast(pa.timestamp("ms", "UTC")), format="%Y-%m-%dT%H:%M:%SZ")


def _described(case: Case) -> dict[str, object]:
    return {
        "guilty": case.guilty,
        "shape": str(case.shape),
        "layers": case.layers,
        "collector": case.collector,
        "accounts": {str(account): str(role) for account, role in case.roles.items()},
        "transfers": case.transfers,
    }


if __name__ == "__main__":
    raise SystemExit(main())
