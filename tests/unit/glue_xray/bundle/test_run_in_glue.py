# SPDX-License-Identifier: Apache-2.0
"""The script that runs a job's own one, as Glue starts it, with a folder for S3."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from glue_xray.bundle import RUNNER, job_argument

BOTO3 = """
import shutil
class client:
    def __init__(self, service): assert service == "s3"
    def download_file(self, bucket, key, target): shutil.copyfile(f"{bucket}/{key}", target)
"""
SCRIPT = """
import argparse, sys
parser = argparse.ArgumentParser()
parser.add_argument("--traces_table")
print(parser.parse_args(), __name__, sys.argv[0] == __file__, sys.path[0] in __file__)
sys.exit(3)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """S3, the modules of Glue, and the runner as Glue fetches it."""
    (tmp_path / "code").mkdir()
    (tmp_path / "modules").mkdir()
    (tmp_path / "code" / "the orders.py").write_text(SCRIPT)
    (tmp_path / "modules" / "boto3.py").write_text(BOTO3)
    shutil.copyfile(RUNNER, tmp_path / "script.py")
    return tmp_path


def run(folder: Path, *arguments: str, options: dict[str, str]) -> subprocess.CompletedProcess[str]:
    value = job_argument("s3://code/the orders.py", {"otlp_endpoint": "file", **options})
    return subprocess.run(
        [sys.executable, "script.py", "--glue_xray", value, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "modules")},
        capture_output=True,
        text=True,
    )


def test_the_script_runs_traced_and_sees_its_own_arguments_only(folder: Path) -> None:
    # Given settings that argparse would take for the script's own, and one of the run that wins
    options = {"traces": "on", "spill_uri": str(folder / "never")}
    # When the job runs
    done = run(folder, "--traces_table", "t", options=options | {"spill_uri": str(folder / "spans")})
    # Then the script sees what is its own, and its job has its name
    assert (done.returncode, done.stdout) == (3, "Namespace(traces_table='t') __main__ True True\n"), done
    [file] = (folder / "spans").iterdir()
    assert json.loads(file.read_text().splitlines()[0])["name"] == "the orders"


def test_what_the_run_is_given_wins(folder: Path) -> None:
    (folder / "code" / "the orders.py").write_text("import sys; print(sys.argv[1:])")
    spans = str(folder / "spans")
    done = run(folder, "--job_name", "mine", options={"job_name": "deployed", "spill_uri": spans})
    assert done.stdout == "['--job_name', 'mine']\n", done
    [file] = Path(spans).iterdir()
    assert json.loads(file.read_text().splitlines()[0])["name"] == "mine"


def test_without_the_library_the_script_runs_untraced(folder: Path) -> None:
    (folder / "modules" / "xray_helper").mkdir()
    (folder / "modules" / "xray_helper" / "__init__.py").write_text("raise RuntimeError('broken')")
    done = run(folder, "--traces_table", "t", options={})
    assert (done.returncode, done.stdout) == (3, "Namespace(traces_table='t') __main__ True True\n"), done
    assert done.stderr == "glue-xray: the job runs untraced: RuntimeError: broken\n"


def test_the_library_comes_from_s3_where_nothing_else_brings_it(folder: Path) -> None:
    (folder / "code" / "library.zip").write_bytes(b"PK\x05\x06" + b"\0" * 18)
    (folder / "code" / "the orders.py").write_text("import sys; print(sys.path[-1])")
    done = run(folder, options={"library": "s3://code/library.zip"})
    assert Path(done.stdout.strip()).name == "library.zip", done


def test_without_its_argument_it_says_what_to_do(folder: Path) -> None:
    done = subprocess.run([sys.executable, "script.py"], cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "deploy the job again" in done.stderr


def test_a_script_is_called_as_the_deployer_says(folder: Path) -> None:
    (folder / "code" / "the orders.py").write_text("import sys; print(sys.argv)")
    done = run(folder, options={"script_name": "sales.py"})
    assert done.stdout.strip().endswith("/sales.py']"), done
