# SPDX-License-Identifier: Apache-2.0
"""The runner, where the library comes from S3 and the job has packages of its own; all are stand-ins."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from glue_xray.bundle import RUNNER

# `s3://b/KEY` is the file KEY of the folder that OBJECTS names
_BOTO3 = """
import os, shutil
class client:
    def __init__(self, name): pass
    def download_file(self, bucket, key, target): shutil.copyfile(f"{os.environ['OBJECTS']}/{key}", target)
"""
_LIBRARY = {
    "xray_helper/__init__.py": "",
    "xray_helper/session.py": "import needed\nneeded.since_version_2\n",
    "xray_helper/settings.py": """
class Settings:
    from_arguments = staticmethod(lambda line, job_name: line)
""",
    "xray_helper/run/__init__.py": "",
    "xray_helper/run/line_steps.py": "",
    "xray_helper/run/watch.py": "",
    "xray_helper/run/command.py": """
import runpy, sys
class Command:
    def __init__(self, options, script, arguments):
        self.all = options, script, arguments
    def run(self, settings):
        options, script, arguments = self.all
        print("traced", options["steps"], settings)
        sys.argv = [script, *arguments]
        runpy.run_path(script, run_name="__main__")
""",
    "needed.py": "since_version_2 = 'of the library'\n",
    "other.py": "origin = 'of the library'\n",
}
_SCRIPT = """
import pathlib, sys
print(__name__, sys.argv[1:], pathlib.Path(__file__).name, sys.argv[0] == __file__)
"""


class Job:
    """A job whose script location is the runner."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.objects, self.own = folder, folder / "objects", folder / "own"
        self.objects.mkdir()
        self.own.mkdir()
        (self.own / "boto3.py").write_text(_BOTO3)
        (folder / "orders.py").write_bytes(RUNNER.read_bytes())
        self.script(_SCRIPT)
        self.library({})

    def script(self, text: str) -> None:
        """Put the job's own script on S3."""
        (self.objects / "orders.py").write_text(text)

    def library(self, changes: dict[str, str]) -> None:
        """Put the library on S3."""
        with zipfile.ZipFile(self.objects / "library.zip", "w") as archive:
            for name, text in (_LIBRARY | changes).items():
                archive.writestr(name, text)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it as Glue does."""
        mark = "s3://b/orders.py --library=s3://b/library.zip --original=12 --job_name=o --steps=none"
        # Without the packages of this environment: this library is among them
        command = [sys.executable, "-S", "orders.py", "--day", "1", "--glue_xray", mark, *arguments]
        environment = {
            "PYTHONPATH": str(self.own),
            "OBJECTS": str(self.objects),
            "TMPDIR": str(self.folder),
        }
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


_OWN_WORDS = "__main__ ['--day', '1', '--JOB_NAME', 'orders'] orders.py True\n"


def test_the_script_finds_its_own_arguments_and_the_library_all(job: Job) -> None:
    done = job.run("--JOB_NAME", "orders")
    traced, script = done.stdout.splitlines(keepends=True)
    assert script == _OWN_WORDS
    assert traced.endswith("'--job_name=o', '--steps=none', '--day', '1', '--JOB_NAME', 'orders']\n")
    assert done.stderr == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"xray_helper/session.py": "import nowhere"},
        {"xray_helper/session.py": "match x:"},
        {"xray_helper/run/watch.py": "this is no Python"},
        {"xray_helper/settings.py": "Settings = None"},
        {"xray_helper/__init__.py": "raise RuntimeError('wrong Python')"},
    ],
)
def test_a_library_that_cannot_be_imported_costs_one_line(job: Job, changes: dict[str, str]) -> None:
    job.library(changes)
    done = job.run("--JOB_NAME", "orders")
    assert (done.returncode, done.stdout) == (0, _OWN_WORDS)
    [line] = done.stderr.splitlines()
    assert line.startswith("glue-xray: the job runs untraced: ")


@pytest.mark.parametrize("content", [None, b"", b"no zip"])
def test_a_library_that_cannot_be_read_costs_one_line(job: Job, content: bytes | None) -> None:
    file = job.objects / "library.zip"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    done = job.run("--JOB_NAME", "orders")
    assert (done.returncode, done.stdout) == (0, _OWN_WORDS)
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("library", [{}, {"xray_helper/session.py": "import nowhere"}], ids=["traced", "not"])
@pytest.mark.parametrize(
    ("script", "code", "message"),
    [
        ("raise ValueError('no orders')", 1, "ValueError: no orders"),
        ("raise SystemExit(3)", 3, ""),
        ("raise SystemExit('stopped')", 1, "stopped"),
        ("raise SystemExit(0)", 0, ""),
        ("import nothing_of_this_name", 1, "ModuleNotFoundError: No module named 'nothing_of_this_name'"),
    ],
)
def test_a_job_ends_as_its_script_does(
    job: Job, library: dict[str, str], script: str, code: int, message: str
) -> None:
    job.library(library)
    job.script(script)
    done = job.run()
    assert done.returncode == code
    assert done.stderr.endswith(f"{message}\n" if message else done.stderr)


def test_a_script_that_is_gone_fails_the_job(job: Job) -> None:
    (job.objects / "orders.py").unlink()
    assert job.run().returncode == 1


def test_the_job_s_own_packages_come_first(job: Job) -> None:
    (job.own / "other.py").write_text("origin = 'of the job'")
    (job.own / "needed.py").write_text("since_version_2 = 'of the job'")
    job.script("import needed, other; print(needed.since_version_2, other.origin)")
    assert job.run().stdout.splitlines()[1] == "of the job of the job"


def test_one_that_is_too_old_for_the_library_is_the_library_s(job: Job) -> None:
    (job.own / "other.py").write_text("origin = 'of the job'")
    (job.own / "needed.py").write_text("since_version_1 = 'of the job'")
    job.script("import needed, other; print(needed.since_version_2, other.origin)")
    traced, printed = job.run().stdout.splitlines()
    assert traced.startswith("traced")
    assert printed == "of the library of the job"


def test_what_lies_beside_the_runner_is_found_as_before(job: Job) -> None:
    (job.folder / "beside.py").write_text("name = 'beside'")
    job.script("import beside, pathlib; print(beside.name, pathlib.Path('beside.py').exists())")
    assert job.run().stdout.splitlines()[1] == "beside True"
