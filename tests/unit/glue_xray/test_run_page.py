# SPDX-License-Identifier: Apache-2.0
"""The page that ``glue-xray run --html`` makes of a script never costs the script its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        ("", "is a folder: name a file"),
        (".", "is a folder: name a file"),
        ("nowhere/trace.html", "there is no folder nowhere, make it first"),
        ("script.py/trace.html", "there is no folder script.py, make it first"),
    ],
)
def test_a_page_that_cannot_be_is_refused_before_the_script_runs(
    page: str, sentence: str, tmp_path: Path
) -> None:
    done = _run(tmp_path, "print('ran')", page)
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("glue-xray run: --html ")
    assert sentence in line


@pytest.mark.parametrize(("end", "code"), [("", 0), ("sys.exit(3)", 3), ("raise KeyError('x')", 1)])
def test_a_page_that_cannot_be_written_any_more_is_said(end: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    script = f"import shutil, sys\nshutil.rmtree('pages')\nprint('ran')\n{end}"
    done = _run(tmp_path, script, "pages/trace.html")
    assert (done.returncode, done.stdout) == (code, "ran\n")
    said, *own = done.stderr.splitlines()
    assert said.startswith("Telemetry failed while writing the page, the job goes on: FileNotFoundError")
    assert own[-1:] == (["KeyError: 'x'"] if code == 1 else [])


def test_the_page_lies_where_the_command_was_given(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    done = _run(tmp_path, "import os\nos.chdir('elsewhere')", "trace.html")
    assert done.stderr == "glue-xray run: 1 span on trace.html\n"
    assert (tmp_path / "trace.html").is_file()


def test_a_script_with_a_module_named_as_the_viewers_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "rich.py").write_text("print('ran')")
    done = _run(tmp_path, "", "trace.html")
    assert (done.returncode, done.stdout) == (0, "")  # nobody but the script runs it
    assert f"{tmp_path / 'rich.py'} hides the package rich: rename it" in done.stderr


@pytest.mark.parametrize("end", ["print('on')", "sys.exit(4)"])
def test_nothing_that_a_script_does_to_its_surroundings_costs_its_exit_code(end: str, tmp_path: Path) -> None:
    script = "import glob, shutil, sys\nfor it in glob.glob('tmp/glue-xray-*'): shutil.rmtree(it)\n"
    (tmp_path / "tmp").mkdir()
    done = _run(tmp_path, f"{script}sys.stderr.close()\n{end}", "trace.html")
    assert done.returncode == (4 if "exit" in end else 0)


def test_a_script_that_logs_everything_reads_of_no_folder_that_is_gone(tmp_path: Path) -> None:
    done = _run(tmp_path, "import logging\nlogging.basicConfig(level=logging.DEBUG)", "trace.html")
    assert done.stderr == "glue-xray run: 1 span on trace.html\n"


@pytest.mark.parametrize(
    ("package", "advice"),
    [
        (
            "awsglue.context",
            "awsglue is AWS's: pip install awsgluedataplanepython, and start it with "
            "glue-xray local run -- glue-xray run ...",
        ),
        ("pyspark.sql", 'PySpark is your own: pip install "pyspark==3.5.*"'),
        ("theirs", None),
    ],
)
def test_a_script_without_what_glue_brings_is_told_where_it_is(
    package: str, advice: str | None, tmp_path: Path
) -> None:
    done = _run(tmp_path, f"import {package}", "trace.html", alone=True)
    said = [line for line in done.stderr.splitlines() if line.startswith("glue-xray run: ")]
    assert said[:-1] == ([f"glue-xray run: {advice}"] if advice else [])
    assert done.stderr.splitlines()[-1].startswith("ModuleNotFoundError: ")


def test_help_is_no_script(tmp_path: Path) -> None:
    done = _python(tmp_path, "--help")
    assert done.returncode == 0
    assert "--html" in done.stdout


def _run(folder: Path, script: str, page: str, *, alone: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a script; ``alone``: as if no package of AWS Glue's were installed."""
    hidden = "import sys\nsys.path[:] = [one for one in sys.path if 'glue-5.1' not in one]\n" if alone else ""
    (folder / "script.py").write_text(hidden + script)
    return _python(folder, "--html", page, "script.py")


def _python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, (ROOT, ROOT / "glue_jobs")))
    return subprocess.run(
        [sys.executable, "-m", "glue_xray", "run", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": path, "TMPDIR": str(folder / "tmp")},
        capture_output=True,
        text=True,
        timeout=60,
    )
