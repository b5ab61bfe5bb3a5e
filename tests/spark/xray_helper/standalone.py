# SPDX-License-Identifier: Apache-2.0
"""Spark's own cluster manager: a master and two workers as processes, each worker a host of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyspark

from tests.spark.xray_helper.environment import spark_environment
from tests.waiting import wait_until

QUICK = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"  # for executors that live for a minute
HOSTS = ("127.0.0.2", "127.0.0.3")  # a copy of a slow task runs on another host only
_SPARK_CLASS = Path(pyspark.__file__).parent / "bin" / "spark-class"
_DEPLOY = "org.apache.spark.deploy"


@contextlib.contextmanager
def cluster(folder: Path, environments: Mapping[str, Mapping[str, str]] | None = None) -> Iterator[str]:
    """Start a cluster of two cores; yield the URL of its master.

    Parameters
    ----------
    folder
        All of its files are below it.
    environments
        Further variables by host; an executor inherits those of its worker.
    """
    given = environments or {}
    port = _free_port()
    url = f"spark://127.0.0.1:{port}"
    with contextlib.ExitStack() as started:
        _start(started, folder / "master", "master.Master", "-h", "127.0.0.1", "-p", str(port))
        wait_until(lambda: _answers(port))
        for host in HOSTS:
            options = ("-h", host, "-c", "1", "-m", "600m", "-d", str(folder / host), url)
            _start(started, folder / host, "worker.Worker", *options, environment=given.get(host, {}))
        yield url


def jvm_above(process: int) -> int:
    """Find the executor that started a Python worker, through PySpark's daemon."""
    while "java" not in Path(f"/proc/{process}/comm").read_text():
        process = parent(process)
    return process


def parent(process: int) -> int:
    """Find the process that started another: an executor's is its worker."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def host_of_executor() -> str:
    """Return the host of the executor that runs this Python worker."""
    command = Path(f"/proc/{jvm_above(os.getpid())}/cmdline").read_bytes().split(b"\0")
    return command[command.index(b"--hostname") + 1].decode()


def _start(
    started: contextlib.ExitStack,
    folder: Path,
    name: str,
    *options: str,
    environment: Mapping[str, str] | None = None,
) -> None:
    folder.mkdir(parents=True)
    log = started.enter_context((folder / "log").open("wb"))
    process = subprocess.Popen(
        [str(_SPARK_CLASS), f"{_DEPLOY}.{name}", "--webui-port", "0", *options],
        env={**_own_environment(folder), **(environment or {})},
        cwd=folder,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    started.callback(process.wait, timeout=30)
    started.callback(process.terminate)


def _own_environment(folder: Path) -> dict[str, str]:
    """Share the code and the files that are read and written, not the place of shuffle files and blocks."""
    return spark_environment() | {"SPARK_LOCAL_DIRS": str(folder / "local")}


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0
