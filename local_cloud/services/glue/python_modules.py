# SPDX-License-Identifier: Apache-2.0
"""Packages of ``--additional-python-modules``: pip gets them from the package index, as Glue does.

Source: "Installing additional Python modules with pip in AWS Glue", AWS Glue Developer Guide. The index, a
proxy or a mirror is pip's own business: its configuration files and ``PIP_*`` of whoever started the cloud.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_cloud.services.s3 import split_uri
from local_cloud.services.spark.driver import Ended, watch

MODULES = "--additional-python-modules"
_OPTIONS = "--python-modules-installer-option"
_TIMEOUT = 600.0  # seconds that pip may take
_KEPT_CHARACTERS = 400  # of pip's reason


class InstallError(Exception):
    """Packages could not be installed; the text is one sentence."""


class PythonModules:
    """One folder per list of packages, kept as long as the cloud.

    Parameters
    ----------
    directory
        Where the folders are.
    python
        The Python that imports the packages; or its version, where pip itself does not run on it: then only
        wheels are installed.
    """

    def __init__(self, directory: Path, *, python: Path | str) -> None:
        self._directory = directory
        self._python = python
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def folder(self, arguments: Mapping[str, str], *, client: Any, stop: threading.Event) -> Path | None:
        """Return a folder for the job's import path; None for a job that wants no packages, or is stopped.

        Parameters
        ----------
        arguments
            The arguments of the run.
        client
            A boto3 S3 client, for packages that are objects.
        stop
            Ends pip when it is set.

        Raises
        ------
        InstallError
            pip failed.
        botocore.exceptions.ClientError
            An object cannot be read.
        """
        wanted = [word.strip() for word in arguments.get(MODULES, "").split(",") if word.strip()]
        if not wanted:
            return None
        modules = [self._fetch(word, client) if word.startswith("s3://") else word for word in wanted]
        command = [*shlex.split(arguments.get(_OPTIONS, "")), *modules]
        folder = self._directory / _digest("\0".join(command).encode())
        with self._locks[folder.name]:
            if not folder.exists() and not self._install(command, folder, stop=stop, wanted=wanted):
                return None
        return folder

    def _fetch(self, uri: str, client: Any) -> str:
        """Download an object into a folder named by its content; pip wants to see the name of a wheel."""
        body = read_object(client, uri)
        file = self._directory / "objects" / _digest(body) / uri.rpartition("/")[2]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        return str(file)

    def _install(self, command: list[str], folder: Path, *, stop: threading.Event, wanted: list[str]) -> bool:
        """Run pip; return whether it came to its end."""
        part = folder.with_suffix(".part")
        log = folder.with_suffix(".log")
        self._directory.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = subprocess.Popen(
                [
                    sys.executable, "-m", "pip", *self._pip(),
                    "--disable-pip-version-check", "--no-input", "--target", str(part), *command,
                ],
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
            ended = watch(process, stop=stop, timeout_s=_TIMEOUT)
        if ended is Ended.BY_ITSELF and process.returncode == 0:
            part.replace(folder)
            return True
        shutil.rmtree(part, ignore_errors=True)
        if ended is Ended.STOPPED:
            return False
        reason = f"no end after {_TIMEOUT:.0f} s" if ended is Ended.TIMED_OUT else pip_reason(log.read_text())
        raise InstallError(
            f"Packages {','.join(wanted)}: pip says {reason!r}; check {MODULES} and the index."
        )

    def _pip(self) -> list[str]:
        if isinstance(self._python, Path):
            return ["--python", str(self._python), "install"]
        return ["install", "--python-version", self._python, "--only-binary", ":all:"]


def read_object(client: Any, uri: str) -> bytes:
    """Return the content of an ``s3://`` URI.

    Raises
    ------
    botocore.exceptions.ClientError
        It cannot be read.
    """
    bucket, key = split_uri(uri)
    body: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    return body


def pip_reason(output: str) -> str:
    r"""Return why pip failed: that it reached no index, else its first error, else its last line.

    Examples
    --------
    >>> pip_reason("Collecting x\nERROR: No matching distribution found for x\n")
    'No matching distribution found for x'
    """
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    broken = [line.partition("connection broken by ")[2] for line in lines if "connection broken by " in line]
    reason = errors[0] if errors else (lines or ["nothing"])[-1]
    return (f"{reason} ({broken[-1]}" if broken else reason)[:_KEPT_CHARACTERS]


def _environment() -> dict[str, str]:
    """Return the server's environment without import path and key: a package may run code of its own."""
    hidden = ("AWS_", "PYTHONPATH")
    return {name: value for name, value in os.environ.items() if not name.startswith(hidden)}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
