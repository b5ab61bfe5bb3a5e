# SPDX-License-Identifier: Apache-2.0
"""The zip that an attached job imports from: this installation's library, and its packages.

pip chooses these, in the newest version that the job's Python takes: those installed here are for another
Python, and may be compiled. Only pure-Python wheels are taken, so the zip fits every processor.
"""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from glue_xray.attach.errors import AttachError

_DISTRIBUTION: Final = "glue-xray"
_OWN: Final = ("xray_common", "xray_helper")
_IN_EVERY_JOB: Final = "boto3"
_PIP: Final = ("install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-compile")
_PURE: Final = ("--only-binary", ":all:", "--platform", "any", "--implementation", "py", "--abi", "none")
_LEFT_OUT: Final = frozenset({"__pycache__", "bin", "tests"})
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)  # one time for all: the same content is the same zip
_DIGEST_DIGITS: Final = 12


@dataclass(frozen=True)
class Library:
    """A zip and the name that it gets on S3, which holds its version and its content's digest."""

    name: str
    content: bytes


def build(python: str) -> Library:
    """Build the zip for a version of Python.

    Raises
    ------
    AttachError
        pip is missing or cannot get the packages.
    """
    with tempfile.TemporaryDirectory(prefix="glue-xray-") as folder:
        packages = Path(folder)
        _install(packages, python)
        sources = [packages, *(packages_of(name).parent for name in _OWN)]
        files = dict(_files(packages, packages))
        for name, source in zip(_OWN, sources[1:]):
            files.update(_files(source / name, source))
        content = _zipped(files)
    digest = hashlib.sha256(content).hexdigest()[:_DIGEST_DIGITS]
    return Library(f"library-{version(_DISTRIBUTION)}-py{python}-{digest}.zip", content)


def packages_of(name: str) -> Path:
    """Return the folder of an installed package."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise AttachError(f"the package {name} is not installed: pip install {_DISTRIBUTION}")
    return Path(spec.origin).parent


def requirements() -> list[str]:
    """Return what the library needs beside what each job has."""
    listed = [one for one in requires(_DISTRIBUTION) or [] if "extra ==" not in one]
    return [one for one in listed if re.split(r"[^\w-]", one, maxsplit=1)[0] != _IN_EVERY_JOB]


def _install(folder: Path, python: str) -> None:
    if find_spec("pip") is None:
        raise AttachError("this environment has no pip, which gets the job's packages: python -m ensurepip")
    command = [sys.executable, "-m", "pip", *_PIP, *_PURE, "--python-version", python]
    done = subprocess.run(
        [*command, "--target", str(folder), *requirements()], capture_output=True, text=True
    )
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR: ")] or ["nothing"]
        raise AttachError(
            f"the packages for Python {python} cannot be had; check that pip reaches a package index "
            f"(pip: {lines[-1].replace('ERROR: ', '')})"
        )


def _files(folder: Path, root: Path) -> Iterator[tuple[str, Path]]:
    """Yield each file below a folder that a job needs, with its name in the zip."""
    for path in folder.rglob("*"):
        inner = path.relative_to(root)
        if path.is_file() and path.suffix != ".pyc" and not _LEFT_OUT.intersection(inner.parts[:-1]):
            yield inner.as_posix(), path


def _zipped(files: dict[str, Path]) -> bytes:
    """Zip files; folders too, without whose entries a job's Python finds no namespace package."""
    folders = {f"{folder.as_posix()}/" for name in files for folder in Path(name).parents if folder.name}
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted({*folders, *files}):
            content = files[name].read_bytes() if name in files else b""
            archive.writestr(zipfile.ZipInfo(name, _EARLIEST), content, zipfile.ZIP_DEFLATED)
    return memory.getvalue()
