"""One Spark: on this machine, reached over loopback only, or the one that ``spark-submit`` has started."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fraud_check.batch import java
from passport.errors import Misconfigured

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True, slots=True)
class Resources:
    """What Spark may take of this machine; a cluster is told by ``spark-submit`` instead."""

    cores: int | None = None
    memory_mb: int = 4096
    scratch: Path | None = None


#: Times are UTC; a plan adapts to what the hop before found; one partition need not be moved to be counted.
_ALWAYS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.csv.parser.columnPruning.enabled": "false",
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.adaptive.coalescePartitions.parallelismFirst": "false",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
}


@contextmanager
def open_spark(resources: Resources = Resources()) -> Iterator[SparkSession]:
    """A session, ended with the block.

    Raises:
        Misconfigured: Spark or Java is not installed, or the scratch directory cannot be written.
        Unavailable: Spark did not start.
    """
    java.spark_home()
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415 - half a second, and optional
    from pyspark.java_gateway import launch_gateway  # noqa: PLC0415
    from pyspark.sql import SparkSession  # noqa: PLC0415

    if "PYSPARK_GATEWAY_PORT" in os.environ:
        # Under spark-submit: Java runs already, and its settings are the cluster's.
        session = SparkSession.builder.appName("fraud_check.batch").getOrCreate()
        for name, value in _ALWAYS.items():
            session.conf.set(name, value)
        try:
            yield session
        finally:
            session.stop()
        return
    try:
        scratch = Path(tempfile.mkdtemp(prefix="fraud-check-batch-", dir=resources.scratch))
    except OSError as error:
        raise Misconfigured(f"{resources.scratch}: expected a directory that can be written") from error
    gateway = java.start(java.find_java(), _settings(resources, scratch), scratch / "java.log")
    try:
        os.environ.update(PYSPARK_GATEWAY_PORT=str(gateway.port), PYSPARK_GATEWAY_SECRET=gateway.secret)
        try:
            connection = launch_gateway()
        finally:
            del os.environ["PYSPARK_GATEWAY_PORT"], os.environ["PYSPARK_GATEWAY_SECRET"]
        try:
            context = SparkContext(gateway=connection, conf=SparkConf(_jvm=connection.jvm))
            yield SparkSession(context)
            context.stop()
        finally:
            connection.shutdown()
            # So that this process may open another: Spark keeps its connection in the class.
            SparkContext._gateway = SparkContext._jvm = None  # noqa: SLF001
    finally:
        gateway.close()
        shutil.rmtree(scratch, ignore_errors=True)


def _settings(resources: Resources, scratch: Path) -> dict[str, str]:
    cores = resources.cores or os.cpu_count() or 1
    return {
        **_ALWAYS,
        "spark.master": f"local[{cores}]",
        "spark.app.name": "fraud_check.batch",
        "spark.driver.memory": f"{resources.memory_mb}m",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(scratch),
        "spark.sql.warehouse.dir": str(scratch / "warehouse"),
    }
