"""What a job met: the counts and words of ``fraud_check.analyst.looked_at``, where rows lie on many machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from fraud_check.analyst.likeness import EXAMPLES, LEFT_OUT, first_of, suggestion
from fraud_check.analyst.looked_at import ROUNDED_TO, SEED, STOPPED, LookedAt, Met, Unmet, cannot_show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import Column, DataFrame

_WIDE = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
_NARROW = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F))


@dataclass(frozen=True, slots=True)
class Looked:
    """Transfers as they are walked over, turned round for a question backward, with the times as given; and the lists."""

    rows: DataFrame
    starts: DataFrame
    stop: DataFrame | None
    inside: Column
    min_amount: int
    backward: bool
    per_second: int

    def met(self) -> Met:
        """Count what the question meets, in one pass over the transfers, and one for each list."""
        from pyspark.sql import functions as f  # noqa: PLC0415 - optional, and slow to import

        # The seeds' own turned times: who walks backward starts at the last.
        starts = self.starts.select(f.col("account").alias("seed"), f.col("time").alias("from"))
        rows = self.rows.join(f.broadcast(starts), self.rows["src"] == starts["seed"], "left")
        turned = -f.col("time") if self.backward else f.col("time")
        moves = f.col("src") != f.col("dst")
        stage = f.col("seed").isNotNull() & moves
        stages = [stage]
        for further in (turned > f.col("from"), self.inside, f.col("amount") >= self.min_amount):
            stage &= further
            stages.append(stage)
        said = rows.agg(
            f.count("*").alias("rows"),
            f.count_if(self.inside).alias("inside"),
            f.count_if(self.inside & moves & (f.col("amount") >= self.min_amount)).alias("followable"),
            *(
                f.count_distinct(f.when(one, f.col("seed"))).alias(f"stage {place}")
                for place, one in enumerate(stages)
            ),
        ).first()
        seeds = self._unmet(SEED, self.starts)
        stops = None if self.stop is None else self._unmet(STOPPED, self.stop)
        counts = LookedAt(
            rows_read=said["rows"],
            rows_in_window=said["inside"],
            rows_followable=said["followable"],
            seeds_given=seeds.listed,
            seeds_seen=seeds.listed - seeds.missing,
            seeds_starting=said["stage 3"],
            stops_given=0 if stops is None else stops.listed,
            stops_seen=0 if stops is None else stops.listed - stops.missing,
        )
        return Met(
            counts,
            (said["stage 0"], said["stage 1"], said["stage 2"], said["stage 3"]),
            (seeds,) if stops is None else (seeds, stops),
            backward=self.backward,
        )

    def _unmet(self, nouns: tuple[str, str], listed: DataFrame) -> Unmet:
        from pyspark.sql import functions as f  # noqa: PLC0415

        given = listed.select("account").distinct()
        count = given.count()
        named = self.rows.select(f.explode(f.array("src", "dst")).alias("account"))
        seen = named.join(f.broadcast(given), "account", "left_semi").distinct()
        missing = given.join(seen, "account", "left_anti")
        number = missing.count()
        said = which = ""
        if number:
            first = missing.orderBy("account").limit(EXAMPLES + 1).collect()
            which = first_of(pa.array([str(row["account"]) for row in first]))
            wanted = missing.select(f.col("account").alias("one"), _spelled_alike("account").alias("alike"))
            known = named.select(f.col("account").alias("other"), _spelled_alike("account").alias("alike"))
            pairs = known.join(f.broadcast(wanted), "alike").where("alike != ''").groupBy("one")
            found = pairs.agg(f.min("other").alias("other")).orderBy("one").limit(EXAMPLES).collect()
            said = suggestion([(str(row["one"]), str(row["other"])) for row in found])
        return Unmet(*nouns, count, number, said, which)

    def coarse_times(self) -> Iterator[str]:
        """What times that are rounded to days, hours or minutes cannot show."""
        from pyspark.sql import functions as f  # noqa: PLC0415

        rests = {seconds: f.pmod("time", f.lit(seconds * self.per_second)) for seconds, _ in ROUNDED_TO}
        ends = [
            end(rest).alias(f"{name} {seconds}")
            for seconds, rest in rests.items()
            for name, end in (("least", f.min), ("most", f.max))
        ]
        said = self.rows.agg(*ends).first()
        for seconds, unit in ROUNDED_TO:
            if said[f"least {seconds}"] is None or said[f"least {seconds}"] != said[f"most {seconds}"]:
                continue
            moved = self.rows.where(f.col("src") != f.col("dst"))
            leaving, coming = ("dst", "src") if self.backward else ("src", "dst")
            came = moved.select(f.col(coming).alias("account"), "time").distinct()
            went = moved.select(f.col(leaving).alias("account"), "time")
            hidden = went.join(came, ["account", "time"], "left_semi").count()
            if hidden:
                yield cannot_show(hidden, unit)
            return


def _spelled_alike(name: str) -> Column:
    from pyspark.sql import functions as f  # noqa: PLC0415

    text = f.translate(f.col(name).cast("string"), _WIDE, _NARROW)
    text = f.regexp_replace(text, r"\.0+\z", "")
    return f.regexp_replace(f.lower(f.regexp_replace(text, LEFT_OUT, "")), r"^0+(?=.)", "")
