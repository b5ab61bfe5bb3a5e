# SPDX-License-Identifier: Apache-2.0
"""Files of a job with the names of packages: they stay the job's, and telemetry never runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from xray_helper.hidden_packages import HiddenPackageError, require

GLUE_JOBS = Path(__file__).resolve().parents[3] / "glue_jobs"
# Of the standard library: what is imported before the script, and what the export imports late.
STANDARD = ("calendar", "html", "json", "queue", "random", "secrets", "uuid")
OWN = "print('ran', __name__)\nVALUE = 'mine'\n"
TRACED = """
from xray_helper import traced_job
with traced_job("orders") as job, job.step("Read"):
    pass
print("done")
"""


def python(folder: Path, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": str(GLUE_JOBS), "AWS_REGION": "us-east-1"},
        cwd=cwd or folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run_beside(folder: Path, names: Sequence[str], *options: str) -> subprocess.CompletedProcess[str]:
    """Run a script that imports its own modules of these names."""
    jobs, elsewhere = folder / "jobs", folder / "elsewhere"
    for made in (jobs, elsewhere):
        made.mkdir()
    for name in names:
        (jobs / f"{name}.py").write_text(OWN)
    (jobs / "orders.py").write_text(
        "".join(f"import {name}\nassert {name}.VALUE == 'mine'\n" for name in names)
    )
    done = python(jobs, "-m", "xray_helper.run", *options, str(jobs / "orders.py"), cwd=elsewhere)
    assert done.stdout.splitlines() == [f"ran {name}" for name in names]  # each once, when the script asks
    assert done.returncode == 0
    return done


def test_own_modules_named_as_the_standard_librarys_win_and_the_trace_is_exported(
    tmp_path: Path, collector: Any
) -> None:
    done = run_beside(tmp_path, STANDARD, "--otlp_endpoint", collector.url)

    [line] = done.stderr.splitlines()
    assert "spans made=1 sent=1 " in line
    assert "orders" in [span.name for span in collector.spans()]


@pytest.mark.parametrize(
    ("names", "to_collector"),
    [
        (["boto3"], True),  # nothing of ours needs it
        (["wrapt", "botocore"], True),  # the calls of the SDK are not watched
        (["requests", "urllib3"], False),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_own_modules_named_as_packages_win_and_the_trace_goes_where_it_still_can(
    names: list[str], to_collector: bool, tmp_path: Path, collector: Any
) -> None:
    done = run_beside(
        tmp_path, names, "--otlp_endpoint", collector.url, "--spill_uri", str(tmp_path / "spill")
    )

    hidden = [name for name in names if name != "boto3"]
    assert ("hides the package" in done.stderr) is bool(hidden)
    assert [span.name for span in collector.spans()] == (["orders"] if to_collector else [])
    assert (tmp_path / "spill").is_dir() is not to_collector


@pytest.mark.parametrize(
    ("name", "options", "loses"),
    [
        ("requests", ["--otlp_endpoint", "{collector}"], False),
        ("certifi", ["--otlp_endpoint", "{collector}"], False),
        ("botocore", ["--traces", "on", "--aws_calls", "on"], False),
        ("opentelemetry", ["--traces", "on"], True),
    ],
)
def test_a_job_is_told_which_file_hides_what_the_export_needs(
    name: str, options: list[str], loses: bool, tmp_path: Path, collector: Any, xray: Any
) -> None:
    own = tmp_path / f"{name}.py"
    own.write_text(OWN)
    (tmp_path / "orders.py").write_text(TRACED)
    done = python(
        tmp_path,
        "orders.py",
        "--spill_uri",
        str(tmp_path / "spill"),
        *(option.format(collector=collector.url) for option in options),
    )

    assert (done.returncode, done.stdout) == (0, "done\n")
    assert f"{own} hides the package {name}: rename it" in done.stderr
    assert "pip install" not in done.stderr
    assert collector.requests == []
    spilled = [*(tmp_path / "spill").glob("*")]
    assert bool(xray.documents or spilled) is not loses


def test_a_package_is_known_by_its_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("requests", "dateutil"):
        monkeypatch.delitem(sys.modules, name, raising=False)
        for module in [one for one in sys.modules if one.startswith(f"{name}.")]:
            monkeypatch.delitem(sys.modules, module)
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests" / "__init__.py").write_text("raise AssertionError('it was run')")
    (tmp_path / "dateutil").mkdir()  # data, no package: the real one is found behind it
    monkeypatch.syspath_prepend(tmp_path)

    require("dateutil.parser", "not_installed_anywhere.x")
    with pytest.raises(HiddenPackageError) as caught:
        require("requests.sessions")

    assert str(caught.value) == f"{tmp_path}/requests/__init__.py hides the package requests: rename it"
