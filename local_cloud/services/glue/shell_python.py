# SPDX-License-Identifier: Apache-2.0
"""The Python of Python shell jobs: a ``python3.9`` of this machine with a boto3, as Glue has it.

Where this machine has none, shell jobs run in the Python of Spark jobs.
Source: "Configuring job properties for Python shell jobs in AWS Glue", AWS Glue Developer Guide.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_cloud.services.glue.python_modules import MODULES, InstallError, PythonModules
from local_cloud.services.glue.run import is_python_shell

_VERSION: Final = "3.9"
_LIBRARIES: Final = "boto3"
_SHARED: Final = ("awsglue", "py4j")
_WHERE: Final = ("-I", "-c", "import sys; print(sys.executable)")
_PROBE_S: Final = 10.0
_log = logging.getLogger("local_cloud.services.glue")


@dataclass(frozen=True)
class ShellPython:
    """An interpreter, the folder with what Glue installs into it, and what installs more."""

    python: Path
    libraries: Path
    modules: PythonModules


class ShellPythons:
    """Finds the interpreter once, when the first shell job wants it.

    Parameters
    ----------
    directory
        Where its packages are installed.
    home
        The environment of Spark jobs: pure Python of it serves here, too.
    """

    def __init__(self, directory: Path, *, home: Path) -> None:
        self._directory = directory
        self._home = home
        self._lock = threading.Lock()
        self._found: ShellPython | None = None
        self._looked = False

    def of(self, job: Mapping[str, Any]) -> ShellPython | None:
        """Return the interpreter of a job; None for one that runs in the Python of Spark jobs."""
        if not is_python_shell(job) or job["Command"].get("PythonVersion") != _VERSION:
            return None
        with self._lock:
            if not self._looked:
                self._looked, self._found = True, self._look()
        return self._found

    def _look(self) -> ShellPython | None:
        python = _interpreter()
        if python is None:
            _log.warning("There is no python%s here: shell jobs run in the Python of Spark jobs.", _VERSION)
            return None
        modules = PythonModules(self._directory, python=_VERSION)
        try:
            folder = modules.folder({MODULES: _LIBRARIES}, client=None, stop=threading.Event())
        except InstallError as error:
            _log.warning("Shell jobs run in the Python of Spark jobs: %s", error)
            return None
        if folder is None:
            return None
        for name in _SHARED:
            for package in self._home.glob(f"lib/python3*/site-packages/{name}"):
                (folder / name).symlink_to(package)
        return ShellPython(python, folder, modules)


def _interpreter() -> Path | None:
    """Return a Python of this version that starts; pyenv's shims ask for the version."""
    name, environment = f"python{_VERSION}", {**os.environ, "PYENV_VERSION": _VERSION}
    if shutil.which(name) is None:
        return None
    try:
        done = subprocess.run(
            [name, *_WHERE], env=environment, capture_output=True, text=True, timeout=_PROBE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Path(done.stdout.strip()) if done.returncode == 0 else None
