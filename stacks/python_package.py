# SPDX-License-Identifier: Apache-2.0
"""Zips of our Python code with its pinned wheels, for Lambda and Glue, built at synth.

Nothing is installed from the internet when a function or a job starts: the wheels are in the zip. Only
pure-Python wheels are taken, so one zip serves every processor and every Python from 3.11 on. Both steps
are cached under build/ by content, and a zip's bytes depend on nothing but its files, so an unchanged source
gives an unchanged asset on every machine.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

BUILD = Path(__file__).resolve().parent.parent / "build" / "python"
PIP = ["install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-compile"]
PIP += ["--require-hashes", "--no-deps"]  # the list is complete, and nothing else gets in
PIP += ["--only-binary", ":all:", "--platform", "any", "--implementation", "py", "--abi", "none"]
PIP += ["--python-version", "3.11"]
EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first moment a zip can name: the same for every file
LEFT_OUT_SUFFIXES = {".in", ".pyc"}  # what lists of packages are made from, what Python makes by itself
LEFT_OUT = {"__pycache__", "bin", "tests"}  # scripts and tests of wheels have no use in AWS


def python_package(name: str, *, sources: dict[str, Path], requirements: Path | None = None) -> Path:
    """Build, or find, the zip of some source folders and the wheels of one hashed requirement list.

    Parameters
    ----------
    name
        The zip's first name, for people who look into build/.
    sources
        Folder name in the zip, empty for its root -> folder on disk:
        ``{"transforms": Path("glue_jobs/transforms")}``.
    requirements
        A list with one hash or more for each package, as ``make lock`` writes it; None: no wheels.

    Returns
    -------
    Path
        ``build/python/<name>-<hash>.zip``.

    Raises
    ------
    RuntimeError
        When pip cannot install the list; the message says what to do.
    """
    BUILD.mkdir(parents=True, exist_ok=True)
    wheels = [] if requirements is None else [_wheels(requirements)]
    own = sorted(file for root in sources for file in files(sources[root], root))
    # How it is built counts too; a list of wheels is known by the hashes in it
    digest = hashlib.sha256(b"".join(path.name.encode() for path in wheels) + Path(__file__).read_bytes())
    for inner, path in own:
        digest.update(f"\0{inner}\0".encode() + path.read_bytes())
    target = BUILD / f"{name}-{digest.hexdigest()[:16]}.zip"
    if not target.exists():
        _write_zip(target, sorted([*own, *(file for folder in wheels for file in files(folder, ""))]))
    return target


def _wheels(requirements: Path) -> Path:
    """Return the installed wheels of a requirement list; installed once for each content of the list."""
    digest = hashlib.sha256(" ".join(PIP).encode() + requirements.read_bytes()).hexdigest()[:16]
    target = BUILD / f"wheels-{digest}"
    make_once(target, lambda folder: _pip_install(requirements, folder))
    return target


def make_once(target: Path, make: Callable[[Path], None]) -> None:
    """Make a folder below ``build/`` unless it is there: whole or not at all, whoever else makes it too."""
    if target.exists():
        return
    BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as scratch:
        unfinished = Path(scratch) / target.name
        make(unfinished)
        try:
            unfinished.rename(target)
        except OSError:
            if not target.exists():  # else another synth was faster, with the same content
                raise


def _pip_install(requirements: Path, target: Path) -> None:
    command = [sys.executable, "-m", "pip", *PIP, "--target", str(target), "--requirement", str(requirements)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        said = (finished.stderr.strip() or finished.stdout.strip()).splitlines() or ["pip said nothing"]
        raise RuntimeError(
            f"The packages of {requirements.parent.name}/{requirements.name} could not be installed; check "
            f"that pip reaches a package index, or set PIP_INDEX_URL to one it can reach (pip: {said[-1]})."
        )


def files(folder: Path, inner: str) -> Iterator[tuple[str, Path]]:
    """Yield each file below a folder with its name in a zip, without compiled files, scripts and tests."""
    for path in folder.rglob("*"):
        relative = path.relative_to(folder)
        kept = path.suffix not in LEFT_OUT_SUFFIXES and not LEFT_OUT.intersection(relative.parts[:-1])
        if path.is_file() and kept:
            yield (Path(inner) / relative).as_posix(), path


def _write_zip(target: Path, files: list[tuple[str, Path]]) -> None:
    unfinished = target.with_suffix(f".{os.getpid()}")  # another synth may be building the same
    # Folders too: without an entry of its own, zipimport before Python 3.13 does not find a namespace package
    # such as opentelemetry (https://github.com/python/cpython/issues/121735).
    folders = sorted({f"{folder}/" for inner, _ in files for folder in Path(inner).parents if folder.name})
    with zipfile.ZipFile(unfinished, "w") as archive:
        for folder in folders:
            archive.writestr(zipfile.ZipInfo(folder, EARLIEST), b"")
        for inner, path in files:
            entry = zipfile.ZipInfo(inner, EARLIEST)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            with path.open("rb") as source, archive.open(entry, "w") as copy:
                shutil.copyfileobj(source, copy)
    unfinished.rename(target)
