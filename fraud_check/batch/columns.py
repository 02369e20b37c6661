"""From what files say to what is computed with: accounts, ticks and amounts, every value checked in one pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyarrow as pa

from fraud_check.analyst.dates_as_numbers import date_not_seconds, possible_dates
from fraud_check.analyst.likeness import ANY_SUSPICION, SUSPICIONS
from fraud_check.analyst.names import MISSING
from fraud_check.analyst.plain_columns import rows
from fraud_check.analyst.times import (
    EXPECTED,
    MICROSECONDS,
    MOST_SECONDS,
    MOST_TICKS,
    RFC3339,
    SECONDS,
    ZONED,
)
from fraud_check.batch.files import BROKEN, Input
from passport.errors import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyspark.sql import Column, DataFrame, SparkSession

MOST_AMOUNT = 2**63 - 1
#: Plain digits, as in the analyst's files: what else a program may take for a number is a mistake on the way here.
_AMOUNT = r"^-?[0-9]{1,19}\z"
_YEAR_1900 = -2_208_988_800 * MICROSECONDS


@dataclass
class Checks:
    """What is wrong with rows: counted, with one example, while they are read for the first time."""

    found: list[tuple[str, str]] = field(default_factory=list)
    asked: list[Column] = field(default_factory=list)

    def add(self, name: str, expected: str, wrong: Column, shown: Column) -> None:
        """Rows for which ``wrong`` is true are refused; ``shown`` is what they say."""
        from pyspark.sql import functions as f  # noqa: PLC0415

        number = len(self.found)
        self.found.append((name, expected))
        shown = f.coalesce(shown.cast("string"), f.lit(""))
        self.asked += [
            f.count_if(wrong).alias(f"wrong {number}"),
            f.min(f.when(wrong, shown)).alias(f"said {number}"),
        ]


@dataclass(frozen=True, slots=True)
class Times:
    """A column of times, not yet in ticks: whole seconds where it says so, else microseconds."""

    kind: pa.DataType
    seconds: Column
    micro: Column

    @classmethod
    def of(cls, kind: pa.DataType, column: Column, name: str) -> Times:
        """How a column of this type says its times.

        Raises:
            Malformed: it cannot be a column of times.
        """
        from pyspark.sql import functions as f  # noqa: PLC0415

        if pa.types.is_integer(kind) and kind != pa.uint64():
            return cls(kind, column.cast("long"), f.lit(None).cast("long"))
        if pa.types.is_timestamp(kind) and kind.tz is None:
            raise Malformed(f"{name}: {ZONED}, got {kind}")
        if pa.types.is_timestamp(kind) and kind.unit in {"ms", "us"}:
            return cls(kind, f.lit(None).cast("long"), f.unix_micros(column.cast("timestamp")))
        if not pa.types.is_string(kind):
            raise Malformed(f"{name}: {EXPECTED}, got {kind}")
        seconds = f.when(column.rlike(SECONDS.replace("$", r"\z")), column.try_cast("long"))
        dated = f.when(column.rlike(RFC3339.replace("$", r"\z")), f.upper(column).try_cast("timestamp"))
        return cls(kind, seconds, f.unix_micros(dated))


@dataclass(frozen=True, slots=True)
class Checked:
    """The rows of an input that was found right, and how many they are."""

    rows: DataFrame
    times: Times | None
    whole_seconds: bool
    count: int
    #: The least and the latest time in whole seconds, if any is given so.
    seconds: tuple[int, int] | None
    #: What the names look like, one sentence for each form that occurs.
    notes: tuple[str, ...]

    def ticks(self, per_second: int) -> Column:
        """The times in ticks, so many of which make a second."""
        from pyspark.sql import functions as f  # noqa: PLC0415

        if self.times is None:
            return f.lit(None).cast("long")
        return f.coalesce(self.times.seconds * f.lit(per_second).cast("long"), self.times.micro)

    def words(self) -> Column:
        """The times as they were given, as text."""
        from pyspark.sql import functions as f  # noqa: PLC0415

        if self.times is None or self.whole_seconds:
            return self.ticks(1).cast("string")
        if pa.types.is_timestamp(self.times.kind):
            return f.date_format("time", "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
        return f.col("time")


def check(spark: SparkSession, given: Input, names: tuple[str, ...]) -> Checked:
    """Read all rows once, and see that each says what it should: accounts, times, amounts.

    Raises:
        Malformed: a row does not; the message has an example, and how many there are.
    """
    from pyspark.sql import functions as f  # noqa: PLC0415

    frame = given.read(spark, names)
    kinds = dict(zip(names, given.types, strict=True))
    checks = Checks()
    checks.add("line", "as many values as the header has names", f.col(BROKEN).isNotNull(), f.col(BROKEN))
    for name in names:
        if name not in {"time", "amount"}:
            _check_names(checks, name, kinds[name])
    nothing = f.lit(None).cast("long")
    times = Times.of(kinds["time"], f.col("time"), "time") if "time" in kinds else None
    seconds, micro = (times.seconds, times.micro) if times else (nothing, nothing)
    if times:
        checks.add(
            "time", EXPECTED.removeprefix("expected "), f.coalesce(seconds, micro).isNull(), f.col("time")
        )
        beyond = f.abs(seconds) > MOST_SECONDS
        checks.add(
            "time", "epoch seconds before the year 10000 (divide milliseconds by 1000)", beyond, seconds
        )
        early = micro < f.lit(_YEAR_1900)
        checks.add(
            "time", "a time since the year 1900 (to a year of the Republic add 1911)", early, f.col("time")
        )
    amount = _check_amounts(checks, kinds["amount"]) if "amount" in kinds else nothing
    said = frame.agg(
        *checks.asked,
        f.count("*").alias("rows"),
        f.count(micro).alias("dated"),
        f.max(f.greatest(seconds, -seconds)).alias("seconds"),
        f.min(seconds).alias("first"),
        f.max(seconds).alias("last"),
        f.max(f.greatest(micro, -micro)).alias("micro"),
        f.sum(amount.cast("decimal(38,0)")).alias("amounts"),
    ).first()
    for number, (name, expected) in enumerate(checks.found):
        if wrong := said[f"wrong {number}"]:
            example = str(said[f"said {number}"])[:40]
            raise Malformed(f"{given.path}: {name}: expected {expected}, got {example!r} (in {wrong:,} rows)")
    if (said["amounts"] or 0) > MOST_AMOUNT:
        raise Malformed(f"{given.path}: amount: expected all together to stay below 2^63, and they would not")
    if max((said["seconds"] or 0) * (MICROSECONDS if said["dated"] else 1), said["micro"] or 0) > MOST_TICKS:
        raise Malformed(f"{given.path}: time: expected at most {MOST_TICKS} ticks either way, got more")
    span = None if said["first"] is None else (said["first"], said["last"])
    if span is not None and not said["dated"]:
        _require_no_dates(frame, seconds, span, given.path)
    named = [name for name in names if name not in {"time", "amount"} and pa.types.is_string(kinds[name])]
    return Checked(frame, times, not said["dated"], said["rows"], span, tuple(_suspicions(frame, named)))


def _require_no_dates(frame: DataFrame, seconds: Column, span: tuple[int, int], path: Path) -> None:
    from pyspark.sql import functions as f  # noqa: PLC0415

    for clock, added in possible_dates(*span):
        rest, right = seconds, seconds.isNotNull()
        for limit in reversed(clock):
            right &= rest % 100 < limit
            rest = f.floor(rest / 100)
        text = f.format_string(
            "%04d-%02d-%02d", f.floor(rest / 10_000) + added, f.floor(rest / 100) % 100, rest % 100
        )
        right &= text.try_cast("date").isNotNull()
        said = frame.agg(f.count_if(~right).alias("wrong"), f.min(seconds).alias("one")).first()
        if not said["wrong"]:
            raise Malformed(f"{path}: time: {date_not_seconds(said['one'], clock, added)}")


def _suspicions(frame: DataFrame, names: list[str]) -> Iterator[str]:
    """What the analyst's files say of names, in rows instead of accounts: those would have to be counted once each."""
    from pyspark.sql import functions as f  # noqa: PLC0415

    if not names:
        return
    odd = {name: f.col(name).rlike(ANY_SUSPICION) for name in names}
    found = frame.agg(*(f.count_if(wrong).alias(name) for name, wrong in odd.items())).first()
    for suspicion in SUSPICIONS if any(found[name] for name in names) else ():
        for name in names:
            wrong = f.col(name).rlike(suspicion.pattern)
            said = frame.agg(
                f.count_if(wrong).alias("rows"), f.min(f.when(wrong, f.col(name))).alias("one")
            ).first()
            if said["rows"]:
                yield f"{name}: in {rows(said['rows'])} an account is named {suspicion.says} ({said['one'][:40]!r})"


def _check_names(checks: Checks, name: str, kind: pa.DataType) -> None:
    from pyspark.sql import functions as f  # noqa: PLC0415

    account = f.col(name)
    if pa.types.is_integer(kind) and kind != pa.uint64():
        checks.add(name, "a name in every row", account.isNull(), f.lit(""))
        return
    if not pa.types.is_string(kind):
        raise Malformed(f"accounts: expected text or integers below 2^63, got {kind}")
    checks.add(name, "a name in every row", account.isNull() | (account == ""), f.lit(""))
    # What Spark reads instead of bytes that are no UTF-8; two names must not become one.
    missing = account.rlike(MISSING)
    checks.add(name, "the name of an account, not what programs write for a missing one,", missing, account)
    checks.add(name, "UTF-8 in every row", account.contains("\ufffd"), account)


def _check_amounts(checks: Checks, kind: pa.DataType) -> Column:
    from pyspark.sql import functions as f  # noqa: PLC0415

    given = f.col("amount")
    amount = given.cast("decimal(38,0)").try_cast("long")
    if pa.types.is_string(kind):
        amount = f.when(given.rlike(_AMOUNT), given.try_cast("long"))
    elif not (pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0)):
        raise Malformed(f"amount: expected integers in minor units, got {kind}")
    wrong = amount.isNull() | (amount < 0)
    checks.add("amount", "a whole number from 0 to 2^63 - 1 in minor units in every row", wrong, given)
    return f.when(wrong, 0).otherwise(amount)
