# SPDX-License-Identifier: Apache-2.0
"""The page in a real Chromium: each test of browser/*.test.mjs, run by Node's own test runner.

Skipped only where the browser's npm packages are not installed.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.trace_viewer.documents import as_trace, doc
from tests.unit.trace_viewer.history.samples import run_number
from tests.unit.trace_viewer.test_viewer_findings import four_findings
from trace_viewer import Trace, compare, load, render_comparison_html, render_html, to_otlp, to_perfetto
from trace_viewer.history.listing import listed
from trace_viewer.history.page import render_runs_html
from trace_viewer.model.progress import Tasks, jobs
from trace_viewer.rendering.live.server import Page, Server

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


STAGE = {
    "spark.stage.tasks": 4,
    "spark.stage.executor.run_time_ms": 6_116,
    "spark.stage.executor.cpu_time_ms": 264,
    "spark.stage.jvm.gc_time_ms": 612,
    "spark.stage.task.max_ms": 2_860,
    "spark.stage.task.p50_ms": 267,
}


def loop() -> Trace:
    """A job whose last turn of 249 fails, after lazy steps, calls with keys and calls that were added up."""
    calls = [
        doc("S3", 10 + n, 10.5 + n, id=f"get{n}", namespace="aws", aws={"operation": "GetObject"},
            metadata={"default": {"aws.s3.key": f"clean/{n}/part-{n:05}.parquet"}})
        for n in range(12)
    ]  # fmt: skip
    added = doc("DynamoDB", 30, 31, namespace="aws", aws={"operation": "GetItem"},
                metadata={"default": {"aws.calls": 2_000, "aws.calls.max_ms": 20.0}})  # fmt: skip
    stage = doc("Spark stage 7", 5, 9, metadata={"default": {"spark.stage.id": 7, **STAGE}})
    ran = {"spark.step.outcome": "executed", "spark.step.stages": [7]}
    turns = [doc(f"turn {n}", 40 + n, 40.9 + n) for n in range(249)]
    frames = [
        ("Executor.scala", 12),
        *[("/x/site-packages/pyspark/sql.py", n) for n in range(4)],
        ("/tmp/job.py", 43),
    ]
    stack = [{"path": path, "line": line, "label": "f"} for path, line in frames]
    cause = {"exceptions": [{"id": "e", "type": "ValueError", "message": "bad turn", "stack": stack}]}
    turns[-1] |= {"fault": True, "cause": cause}
    steps = [
        doc("Read Data", 1, 3, metadata={"default": ran}),
        doc("Fix Skewness", 4, 10, subsegments=[stage], metadata={"default": ran}),
        doc("Copy", 10, 40, subsegments=[*calls, added]),
        doc("Loop", 40, 290, fault=True, subsegments=turns),
    ]
    logs = {"cloudwatch_logs": [{"log_group": "/aws-glue/jobs/a b"}]}
    execution = "arn:aws:states:eu-west-1:123456789012:execution:Flow:run"
    aws = {"execution_arn": execution, **logs}
    return as_trace(doc("job", 0, 300, fault=True, subsegments=steps, aws=aws))


@pytest.fixture
def pages(tmp_path: Path, data: Path, pipeline: Trace, failed: Trace, hostile: Trace, large: Trace) -> Path:
    for name, trace in {"pipeline": pipeline, "failed": failed, "hostile": hostile, "large": large}.items():
        (tmp_path / f"{name}.html").write_text(render_html(trace), encoding="utf-8")
    running = load(data / "running.json")
    tasks = {node.id: Tasks(12, 200, "Read Data") for node in running.tree.segments if node.name == "clean"}
    counted = [job for job in jobs(running.tree, tasks=tasks) if job.tasks]
    (tmp_path / "running.html").write_text(render_html(running, running=counted), encoding="utf-8")
    (tmp_path / "loop.html").write_text(render_html(loop()), encoding="utf-8")
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


NOW = 1_700_006_160.0  # 2023-11-14 23:56:00 UTC


def growing() -> Iterator[Page]:
    """Yield the page of a job that reads, then reads and writes, then is done, and stays so."""
    read, write = doc("Read Data", NOW, None), doc("Write Data", NOW + 50, None)
    stages = [
        ([read], None, 40.0),
        ([read | {"in_progress": False, "end_time": NOW + 50}, write], None, 60.0),
        ([read, write | {"in_progress": False, "end_time": NOW + 70}], NOW + 70, 75.0),
    ]
    for steps, end, seconds in stages:
        trace = as_trace(doc("flow", NOW, end), doc("job", NOW, end, "flow", subsegments=steps))
        fetched = Trace(trace.id, trace.segments, fetched=NOW + seconds)
        running = [] if end else [job for job in jobs(fetched.tree) if job.is_running]
        page = Page(render_html(fetched, running=running, live=not end))
        yield page
    yield from itertools.repeat(page)  # on a slow machine the page asks once more by itself


@pytest.fixture
def live() -> Iterator[str]:
    """The address of a page that has grown at each visit."""
    pages = growing()
    with Server(lambda: next(pages)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.url
        server.shutdown()


@pytest.mark.parametrize("tests", ["page", "compare", "findings", "runs", "live"])
def test_the_page_in_a_browser(node_command: str, pages: Path, live: str, tests: str) -> None:
    run_in_browser(node_command, tests, pages, LIVE=live)


def run_in_browser(node_command: str, tests: str, pages: Path, **variables: str) -> None:
    """Run a file of tests on the pages in a folder; all must pass."""
    command = [node_command, "--test", "--test-reporter=spec", str(BROWSER / f"{tests}.test.mjs")]
    environment = os.environ | {"PAGES": str(pages), **variables}
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
