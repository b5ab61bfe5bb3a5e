# SPDX-License-Identifier: Apache-2.0
"""The repository's own wheel, built at synth: AWS gets what ``pip install`` gives."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

from stacks import python_package

ROOT = Path(__file__).resolve().parent.parent
_METADATA = ("pyproject.toml", "README.md", "LICENSE")
# The time of every entry: hatchling takes it from here (https://reproducible-builds.org/specs/source-date-epoch)
_ENVIRONMENT = {"SOURCE_DATE_EPOCH": "315532800"}  # 1980-01-01


def wheel_packages(*names: str) -> dict[str, Path]:
    """Build, or find, the wheel, and return the folders of some of its packages.

    Raises
    ------
    RuntimeError
        The wheel cannot be built; the message says what to do.

    Example
    -------
    ``python_package(name, sources=wheel_packages("xray_helper"), requirements=requirements)``
    """
    target = python_package.BUILD / f"own-wheel-{_digest()}"
    python_package.make_once(target, _unpack_wheel)
    return {name: target / name for name in names}


def _digest() -> str:
    """Identify what the wheel is built from."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    digest = hashlib.sha256(Path(__file__).read_bytes())
    sources = [file for package in packages for file in python_package.files(ROOT / package, package)]
    for inner, path in sorted([*sources, *((name, ROOT / name) for name in _METADATA)]):
        digest.update(f"\0{inner}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _unpack_wheel(folder: Path) -> None:
    """Build the wheel without pip and without a network, and unpack it."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    finished = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **_ENVIRONMENT}, capture_output=True, text=True, check=False
    )
    if finished.returncode != 0:
        said = (finished.stderr.strip() or "hatchling said nothing").splitlines()[-1]
        raise RuntimeError(
            "The wheel of this repository could not be built; install the packages of requirements.txt into "
            f"the environment that runs app.py (hatchling: {said})."
        )
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
