"""Spark Connect servers for tests: Spark's own and Sail, on this machine alone."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

_SECONDS = 120.0
_HERE = "127.0.0.1"


@contextmanager
def server(name: str, folder: Path, memory: str = "1g") -> Iterator[str]:
    """Starts a server, gives its address and stops it.

    Args:
        name: ``spark`` or ``sail``.
        folder: what the server writes stands there.
        memory: of the Java process.
    """
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("needs `uv sync --extra spark`")
    port = _free_port()
    command, more = _spark(port, memory) if name == "spark" else _sail(port)
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **more},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_for(port, process, folder / f"{name}.log")
            yield f"sc://{_HERE}:{port}"
        finally:
            # The script starts Java as its child.
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(30)


def _spark(port: int, memory: str) -> tuple[Sequence[str], dict[str, str]]:
    if shutil.which("java") is None:
        pytest.skip("needs Java 17")
    import pyspark

    home = Path(pyspark.__file__).parent
    options = {
        "spark.connect.grpc.binding.address": _HERE,
        "spark.connect.grpc.binding.port": port,
        "spark.driver.bindAddress": _HERE,
        "spark.driver.host": _HERE,
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": 2,
    }
    # What start-connect-server.sh does, which not every wheel has.
    command = [str(home / "bin" / "spark-submit"), "--master", "local[2]"]
    command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
    command += ["--driver-memory", memory]
    for option, value in options.items():
        command += ["--conf", f"{option}={value}"]
    return [*command, "spark-internal"], {"SPARK_HOME": str(home)}


def _sail(port: int) -> tuple[Sequence[str], dict[str, str]]:
    if importlib.util.find_spec("pysail") is None:
        pytest.skip("needs `uv sync --group engines`")
    sail = Path(sys.executable).with_name("sail")
    return [str(sail), "spark", "server", "--ip", _HERE, "--port", str(port)], {
        "OTEL_SDK_DISABLED": "true"
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HERE, 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex((_HERE, port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError(f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}")
