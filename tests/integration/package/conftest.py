# SPDX-License-Identifier: Apache-2.0
"""The wheel, and empty environments outside of the repository that it is installed into."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
UV = Path(sys.executable).with_name("uv")


class Installation:
    """A virtual environment with the distribution in it, and nothing of this repository on its path."""

    def __init__(self, folder: Path, python: str) -> None:
        self.folder, self._bin = folder, folder / "venv" / "bin"
        command: list[str | Path] = [UV, "venv", "--quiet", "--no-python-downloads", "--python", python]
        command.append(folder / "venv")
        environment = {**self._environment, "PYENV_VERSION": python}  # without it pyenv hides older ones
        if subprocess.run(command, capture_output=True, env=environment).returncode != 0:
            pytest.skip(f"there is no Python {python} on this machine")

    def install(self, *arguments: str | Path) -> None:
        """Install with the ordinary client and its shared cache."""
        command: list[str | Path] = [UV, "pip", "install", "--quiet", "--python", self._bin / "python"]
        command += arguments
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def link(self, *names: str) -> None:
        """Let it have distributions of this environment: an installation of PySpark builds it anew."""
        [packages] = (self.folder / "venv" / "lib").glob("python*/site-packages")
        for name in names:
            found = distribution(name)
            files = [Path(str(found.locate_file(file))).resolve() for file in found.files or []]
            here = Path(str(found.locate_file(""))).resolve()
            inside = {here / file.relative_to(here).parts[0] for file in files if here in file.parents}
            for path in inside:
                (packages / path.name).symlink_to(path)
            for path in files:
                if path.parent.name == "bin" and here not in path.parents:
                    (self._bin / path.name).symlink_to(path)

    def run(self, *command: str, code: int = 0, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment in its folder; it must end with this exit code."""
        program = [shutil.which(command[0], path=self._environment["PATH"]) or command[0], *command[1:]]
        done = subprocess.run(
            program,
            cwd=self.folder,
            env={**self._environment, **variables},
            capture_output=True,
            text=True,
            timeout=300,  # seconds
        )
        assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
        return done

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start a command of the environment that is talked to."""
        return subprocess.Popen(
            [str(self._bin / command[0]), *command[1:]],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(self._bin), os.environ["PATH"]])
        return {
            "PATH": path,
            "HOME": os.environ["HOME"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # short jobs on two cores
        }


Install = Callable[..., Installation]
_WHICH: dict[str, list[str | Path]] = {
    "pinned": ["--constraint", ROOT / "requirements.txt"],
    "oldest": ["--resolution", "lowest-direct"],
    "newest": [],
}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `pip wheel . --no-deps` builds in a clean checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    done = subprocess.run([*pip, "--wheel-dir", folder, "."], cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def install(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Install:
    """Install the wheel with some extras into an empty environment."""

    def installed(
        extras: str = "", *, python: str = sys.executable, packages: str = "pinned"
    ) -> Installation:
        installation = Installation(tmp_path_factory.mktemp("installation"), python)
        installation.install(f"glue-xray{extras} @ {wheel.as_uri()}", *_WHICH[packages])
        return installation

    return installed


@pytest.fixture(scope="session")
def local(install: Install) -> Installation:
    """The local cloud."""
    return install("[local]")
