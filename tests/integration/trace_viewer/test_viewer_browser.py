# SPDX-License-Identifier: Apache-2.0
"""The page in a real Chromium: each test of browser/*.test.mjs, run by Node's own test runner.

Skipped only where the browser's npm packages are not installed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.trace_viewer.documents import as_trace, doc
from tests.unit.trace_viewer.history.samples import run_number
from tests.unit.trace_viewer.test_viewer_findings import four_findings
from trace_viewer import Trace, compare, load, render_comparison_html, render_html, to_otlp, to_perfetto
from trace_viewer.history.listing import listed
from trace_viewer.history.page import render_runs_html
from trace_viewer.model.progress import Tasks, jobs

BROWSER = Path(__file__).parent / "browser"
PACKAGES = ("playwright-core", "@sparticuz/chromium", "axe-core")
TIME_LIMIT = 300  # seconds


def node() -> str | None:
    """Return Node: the one beside this Python, else the one on the PATH."""
    beside = Path(sys.executable).parent / "node"
    return str(beside) if beside.exists() else shutil.which("node")


def missing_package() -> str | None:
    command = node()
    if command is None:
        return "node"
    for package in PACKAGES:
        here = json.dumps(str(BROWSER / "harness.mjs"))
        look = f"require('module').createRequire({here}).resolve('{package}')"
        if subprocess.run([command, "-e", look], capture_output=True, check=False).returncode:
            return package
    return None


@pytest.fixture(scope="module")
def node_command() -> str:
    missing = missing_package()
    if missing:
        pytest.skip(f"the browser is not installed: {missing}")
    return str(node())


def odd() -> Trace:
    """A trace with a failure that others led to, a span without an end, a wrong clock, values nested deep."""
    causes = [
        {"id": "1", "type": "ExceptionGroup", "message": "parts failed", "cause": "2"},
        {"id": "2", "type": "OSError", "message": "no such file"},
        {"id": "3", "type": "ValueError", "message": "part 0"},
    ]
    steps = [
        doc("never ended", 1, None),
        doc("group", 1, 1.5, fault=True, cause={"exceptions": causes}),
        doc("nested", 1.6, 1.7, metadata={"default": {"odd": "ODD", "big": "BIG"}}),
    ]
    skewed = doc("skewed", 7200.5, 7201, "web")
    trace = as_trace(doc("web", 0, 2, fault=True, subsegments=steps), skewed)
    deep = '{"a":' * 900 + "1" + "}" * 900
    texts = [text.replace('"ODD"', deep).replace('"BIG"', "1e999") for _, text in trace.segments]
    return Trace(trace.id, tuple((text[:9], text) for text in texts))


@pytest.fixture
def pages(tmp_path: Path, data: Path, pipeline: Trace, failed: Trace, hostile: Trace, large: Trace) -> Path:
    for name, trace in {"pipeline": pipeline, "failed": failed, "hostile": hostile, "large": large}.items():
        (tmp_path / f"{name}.html").write_text(render_html(trace), encoding="utf-8")
    running = load(data / "running.json")
    tasks = {node.id: Tasks(12, 200, "Read Data") for node in running.tree.segments if node.name == "clean"}
    counted = [job for job in jobs(running.tree, tasks=tasks) if job.tasks]
    (tmp_path / "running.html").write_text(render_html(running, running=counted), encoding="utf-8")
    (tmp_path / "bad.html").write_text(render_html(four_findings()), encoding="utf-8")
    (tmp_path / "odd.html").write_text(render_html(odd()), encoding="utf-8")
    several = [run_number(number, late=9.0 if number == 5 else 0.0) for number in range(6)]
    links = {run.id: "pipeline.html" for run in several[:-1]}
    (tmp_path / "runs.html").write_text(
        render_runs_html(listed(several[::-1]), links=links), encoding="utf-8"
    )
    both = compare(pipeline, failed)
    (tmp_path / "both.html").write_text(render_comparison_html(both), encoding="utf-8")
    for name, content in {
        "trace": pipeline.to_json(),
        "otlp": to_otlp(pipeline),
        "perfetto": to_perfetto(pipeline),
    }.items():
        (tmp_path / f"pipeline.{name}.json").write_text(json.dumps(content))
    return tmp_path


@pytest.mark.parametrize("tests", ["page", "compare", "findings", "runs"])
def test_the_page_in_a_browser(node_command: str, pages: Path, tests: str) -> None:
    command = [node_command, "--test", "--test-reporter=spec", str(BROWSER / f"{tests}.test.mjs")]
    environment = os.environ | {"PAGES": str(pages)}
    # A session of its own: when the tests hang, the browser ends with them.
    with subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            output, _ = running.communicate(timeout=TIME_LIMIT)
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
    assert running.returncode == 0, output
    assert "fail 0" in output and "skipped 0" in output
