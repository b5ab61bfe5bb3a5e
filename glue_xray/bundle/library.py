# SPDX-License-Identifier: Apache-2.0
"""The library with its packages as one zip, made of what is installed: no repository is needed."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from glue_xray.bundle.python_package import CACHE, python_package

RUNNER: Final = Path(__file__).with_name("run_in_glue.py")
ARGUMENT: Final = "--glue_xray"  # what the runner reads
_IN_A_CLONE: Final = Path(__file__).resolve().parents[2] / "glue_jobs"
_PACKAGES: Final = ("xray_common", "xray_helper")
_SHELL: Final = "pythonshell"  # the command's name of a Python shell job
# https://docs.aws.amazon.com/glue/latest/dg/release-notes.html and add-job-python.html
_PYTHON: Final = {"4.0": "3.10", "5.0": "3.11", "5.1": "3.11", _SHELL: "3.9"}
_OLD: Final = "3.9"  # it has a list of its own: the newest OpenTelemetry needs 3.10


def python_of(command: str, glue_version: str | None, python_version: str | None = None) -> str:
    """Return the Python that a job has.

    Parameters
    ----------
    command
        The name of its command: ``glueetl``, ``pythonshell``.
    glue_version, python_version
        What the job names; the latter decides in Python shell jobs alone.

    Raises
    ------
    ValueError
        The library does not run there; the message says what does.

    Examples
    --------
    >>> python_of("glueetl", "5.1"), python_of("pythonshell", None, "3.9")
    ('3.11', '3.9')
    """
    if command == _SHELL:
        if python_version != _PYTHON[_SHELL]:
            raise ValueError(
                f"its Python shell is that of PythonVersion {python_version!r}, which cannot run the "
                f"library: change the job to {_PYTHON[_SHELL]!r}"
            )
        return _PYTHON[_SHELL]
    version = glue_version or "0.9"  # what Glue takes where a job names none
    if version in _PYTHON:
        return _PYTHON[version]
    if _number(version) < _number("4.0"):
        raise ValueError(
            f"Glue {version} has Python 3.7 or older, and the library needs 3.9; "
            "give the job Glue 4.0 or newer."
        )
    return _PYTHON["5.1"]  # wheels without compiled code run on newer ones too


def library_zip(
    python: str = "3.11", *, sources: Mapping[str, Path] | None = None, cache: Path = CACHE
) -> Path:
    """Build, or find, the zip for ``--extra-py-files``: the library with pinned wheels of pure Python.

    Parameters
    ----------
    python
        The job's, as `python_of` returns it; the zip serves newer ones too, which start slower.
    sources
        More folders for the zip: name in it -> folder on disk.
    cache
        The folder that keeps it, under a name with its content's hash.

    Raises
    ------
    RuntimeError
        The wheels cannot be installed; the message says what to do.

    Example
    -------
    ``library_zip(python_of("glueetl", "5.1"))``
    """
    oldest = _OLD if python == _OLD else "3.10"
    return python_package(
        f"glue-library-{oldest}",
        sources={**installed(*_PACKAGES), **(sources or {})},
        requirements=Path(__file__).with_name(f"requirements-{oldest}.txt"),
        python=oldest,
        compiled_for=python,
        cache=cache,
    )


def job_argument(script: str, options: Mapping[str, str]) -> str:
    """Return the value of the argument ``--glue_xray``, which `RUNNER` reads.

    Examples
    --------
    >>> job_argument("s3://code/orders.py", {"traces": "on", "job_name": "the orders"})
    "s3://code/orders.py --traces=on '--job_name=the orders'"
    """
    return shlex.join([script, *(f"--{name}={value}" for name, value in options.items())])


def installed(*packages: str) -> dict[str, Path]:
    """Return the folders of installed packages, by name.

    Examples
    --------
    >>> installed("xray_common")["xray_common"].name
    'xray_common'
    """
    return {name: _folder(name) for name in packages}


def _folder(package: str) -> Path:
    spec = find_spec(package)
    if spec is not None and spec.origin is not None:
        return Path(spec.origin).parent
    if (_IN_A_CLONE / package).is_dir():  # of which nothing is installed, for `cdk deploy` alone
        return _IN_A_CLONE / package
    from xray_common.installing import install_command

    raise RuntimeError(f"The package {package} is not installed: {install_command()}.")


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
