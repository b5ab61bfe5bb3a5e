# SPDX-License-Identifier: Apache-2.0
"""Zips of Python code with its pinned wheels, for Lambda and Glue.

Nothing is installed from the internet when a function or a job starts: the wheels are in the zip. Only
pure-Python wheels are taken, so one zip serves every processor, and its Python and newer ones. Both steps
are cached by content, and a zip's bytes depend on nothing but its files and on the Python whose byte code
is in it, so an unchanged source gives an unchanged asset on every machine with the same Python.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from importlib.util import MAGIC_NUMBER, find_spec
from pathlib import Path
from typing import Final

from glue_xray.bundle import byte_code
from glue_xray.bundle.byte_code import THIS_PYTHON, compiled

CACHE: Final = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "glue-xray"
_PIP = ["install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-compile"]
_PIP += ["--require-hashes", "--no-deps"]  # the list is complete, and nothing else gets in
_PIP += ["--only-binary", ":all:", "--platform", "any", "--implementation", "py", "--abi", "none"]
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can name: the same for every file
_LEFT_OUT_SUFFIXES: Final = {".in", ".pyc"}  # what `make lock` reads, what Python makes by itself
_LEFT_OUT: Final = {"__pycache__", "bin", "tests"}  # scripts and tests of wheels have no use in AWS


def python_package(
    name: str,
    *,
    sources: Mapping[str, Path],
    requirements: Path | None = None,
    python: str = "3.11",
    compiled_for: str | None = None,
    cache: Path = CACHE,
) -> Path:
    """Build, or find, the zip of some source folders and the wheels of one hashed requirement list.

    Parameters
    ----------
    name
        The zip's first name, for people who look into the cache.
    sources
        Folder name in the zip, empty for its root -> folder on disk:
        ``{"transforms": Path("glue_jobs/transforms")}``.
    requirements
        A list with one hash or more for each package, as ``make lock`` writes it; None: no wheels.
    python
        The oldest Python that the wheels shall run on.
    compiled_for
        The Python, such as ``3.11``, whose byte code lies beside the sources where this Python is that one.
    cache
        The folder for the zip and the wheels.

    Returns
    -------
    Path
        ``<cache>/<name>-<hash>.zip``.

    Raises
    ------
    RuntimeError
        When pip cannot install the list; the message says what to do.
    """
    cache.mkdir(parents=True, exist_ok=True)
    wheels = [] if requirements is None else [_wheels(requirements, python, cache)]
    own = sorted(file for root in sources for file in files(sources[root], root))
    # How it is built counts too; a list of wheels is known by the hashes in it
    digest = hashlib.sha256(b"".join(path.name.encode() for path in wheels) + Path(__file__).read_bytes())
    for inner, path in own:
        digest.update(f"\0{inner}\0".encode() + path.read_bytes())
    is_compiled = compiled_for == THIS_PYTHON
    if is_compiled:
        digest.update(Path(byte_code.__file__).read_bytes() + MAGIC_NUMBER)
    target = cache / f"{name}-{digest.hexdigest()[:16]}.zip"
    if not target.exists():
        content = sorted([*own, *(file for folder in wheels for file in files(folder, ""))])
        _write_zip(target, content, is_compiled=is_compiled)
    return target


def _wheels(requirements: Path, python: str, cache: Path) -> Path:
    """Return the installed wheels of a requirement list; installed once for each content of the list."""
    arguments = [*_PIP, "--python-version", python]
    digest = hashlib.sha256(" ".join(arguments).encode() + requirements.read_bytes()).hexdigest()[:16]
    target = cache / f"wheels-{digest}"
    _make_once(target, lambda folder: _pip_install(requirements, arguments, folder))
    return target


def _make_once(target: Path, make: Callable[[Path], None]) -> None:
    """Make a folder unless it is there: whole or not at all, whoever else makes it too."""
    if target.exists():
        return
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        unfinished = Path(scratch) / target.name
        make(unfinished)
        try:
            unfinished.rename(target)
        except OSError:
            if not target.exists():  # else another synth was faster, with the same content
                raise


def _pip_install(requirements: Path, arguments: list[str], target: Path) -> None:
    command = [*_pip(), *arguments, "--target", str(target), "--requirement", str(requirements)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        said = (finished.stderr.strip() or finished.stdout.strip()).splitlines() or ["pip said nothing"]
        raise RuntimeError(
            f"The packages of {requirements.parent.name}/{requirements.name} could not be installed; check "
            f"that pip reaches a package index, or set PIP_INDEX_URL to one it can reach (pip: {said[-1]})."
        )


def _pip() -> list[str]:
    """Return the command that starts pip: uv's own installer takes no wheels for another platform."""
    if find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    uv = shutil.which(
        "uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    )
    if uv is None:
        raise RuntimeError(
            "Zipping the library needs pip or uv, and there is neither; run python -m ensurepip."
        )
    return [uv, "tool", "run", "pip"]


def files(folder: Path, inner: str) -> Iterator[tuple[str, Path]]:
    """Yield each file below a folder with its name in a zip, without compiled files, scripts and tests."""
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        kept = path.suffix not in _LEFT_OUT_SUFFIXES and not _LEFT_OUT.intersection(relative.parts[:-1])
        if path.is_file() and kept:
            yield (Path(inner) / relative).as_posix(), path


def _write_zip(target: Path, files: list[tuple[str, Path]], *, is_compiled: bool) -> None:
    unfinished = target.with_suffix(f".{os.getpid()}")  # another synth may be building the same
    # Folders too: without an entry of its own, zipimport before Python 3.13 does not find a namespace package
    # such as opentelemetry (https://github.com/python/cpython/issues/121735).
    folders = sorted({f"{folder}/" for inner, _ in files for folder in Path(inner).parents if folder.name})
    with zipfile.ZipFile(unfinished, "w") as archive:
        for folder in folders:
            archive.writestr(zipfile.ZipInfo(folder, _EARLIEST), b"")
        for inner, path in files:
            content = path.read_bytes()
            _add(archive, inner, content)
            if is_compiled and inner.endswith(".py"):
                _add(archive, f"{inner}c", compiled(content, f"{target.name}/{inner}"))
    unfinished.rename(target)


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EARLIEST)
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content, compress_type=zipfile.ZIP_DEFLATED)
