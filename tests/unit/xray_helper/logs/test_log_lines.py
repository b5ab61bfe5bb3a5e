# SPDX-License-Identifier: Apache-2.0
"""Log lines as a job's stdout shows them, each job in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import xray_helper

HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0"
TRACE = "1-5759e988-bd862e3fe1be46a994272793"
ON = ["--log_correlation", "on", "--job_name", "load", "--trace_header", HEADER, "--run_id", "run-1"]
GLUE_JOBS = Path(xray_helper.__file__).parents[1]


def run(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = f"import logging\nfrom xray_helper import JsonLines, step, traced_job\n{code}"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env={**os.environ, "PYTHONPATH": str(GLUE_JOBS)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_lines_carry_the_ids_of_trace_run_job_and_step() -> None:
    done = run(
        "with traced_job() as job:\n"
        "    with step('Read'):\n"
        "        logging.getLogger('mine').warning('late')\n"
        "        job.log('loaded', rows=17)\n"
        "logging.getLogger('mine').warning('after')",
        *ON,
    )
    ids = {"trace_id": TRACE, "run_id": "run-1", "correlation_id": TRACE, "job_name": "load"}
    found = lines(done)
    assert [(line["message"], line["level"], line["logger"]) for line in found] == [
        ("Job started", "INFO", "xray_helper"),
        ("late", "WARNING", "mine"),
        ("loaded", "INFO", "xray_helper"),
        ("Step over", "INFO", "xray_helper"),
        ("Job over", "INFO", "xray_helper"),
    ]
    assert all({name: line[name] for name in ids} == ids for line in found)
    assert [line.get("step") for line in found] == [None, "Read", "Read", "Read", None]
    assert found[2]["rows"] == 17
    assert done.stderr == "after\n"  # logging is what it was


def test_the_callers_id_wins_over_the_trace_id() -> None:
    done = run("with traced_job(): pass", *ON, "--correlation_id", "manual__1")
    assert {line["correlation_id"] for line in lines(done)} == {"manual__1"}


def test_a_failure_is_a_line_of_its_step_and_of_its_job_without_the_stack() -> None:
    done = run("with traced_job():\n    with step('Read'):\n        raise KeyError('price')", *ON)
    failed = [line for line in lines(done) if line["level"] == "ERROR"]
    assert [(line["message"], line.get("step")) for line in failed] == [
        ("Step failed", "Read"),
        ("Job failed", None),
    ]
    assert {(line["error_type"], line["error"]) for line in failed} == {("KeyError", "'price'")}
    assert "Traceback" not in done.stdout
    assert done.stderr.endswith("KeyError: 'price'\n")


def test_without_the_switch_nothing_is_said() -> None:
    done = run("with traced_job() as job:\n    with step('Read'): job.log('x')", "--trace_header", HEADER)
    assert (done.stdout, done.stderr) == ("", "")


def test_without_the_switch_a_line_of_the_job_still_has_its_numbers() -> None:
    code = "with traced_job() as job: job.log('rows 100 % read', level=30, reason='bad', rows=3)"
    assert run(code, "--job_name", "load").stderr == "rows 100 % read reason=bad rows=3\n"


def test_a_logging_set_up_before_and_one_inside_the_job_stay_what_they_are() -> None:
    set_up = "logging.basicConfig(format='own %(message)s', level=logging.INFO)\n"
    before = run(f"{set_up}with traced_job(): logging.info('one')", *ON)
    inside = run(f"with traced_job():\n    {set_up}    logging.info('one')", *ON)
    assert before.stderr == inside.stderr == "own one\n"


def test_a_handler_of_the_job_writes_the_same_lines_with_our_formatter() -> None:
    done = run(
        "handler = logging.StreamHandler()\n"
        "handler.setFormatter(JsonLines())\n"
        "logging.getLogger().addHandler(handler)\n"
        "with traced_job(): logging.getLogger('mine').error('late')",
        *ON,
    )
    (line,) = [json.loads(text) for text in done.stderr.splitlines()]
    assert (line["message"], line["trace_id"], line["run_id"]) == ("late", TRACE, "run-1")


def test_a_line_cannot_forge_ids_or_further_lines() -> None:
    done = run(
        "with traced_job() as job:\n    job.log('one\\n{}\\u2028', run_id='other')",
        *ON,
        "--job_name",
        "a\u2028b",
    )
    assert len(done.stdout.splitlines()) == 3
    assert lines(done)[1]["message"] == "one\n{}\u2028"
    assert lines(done)[1]["run_id"] == "run-1"


def test_jobs_one_in_the_other_name_themselves() -> None:
    done = run(
        "with traced_job() as outer:\n"
        "    with traced_job('inner', argv=['--log_correlation', 'on', '--run_id', 'r']): pass\n"
        "    outer.log('again')",
        *ON,
    )
    assert [line["job_name"] for line in lines(done)] == ["load", "inner", "inner", "load", "load"]


def test_a_function_in_another_process_takes_the_ids_along() -> None:
    done = run(
        "import multiprocessing\n"
        "from xray_helper import with_log_fields\n"
        "def work(row):\n    logging.getLogger('worker').warning('row %s', row)\n"
        "with traced_job():\n"
        "    with step('Load'):\n"
        "        wrapped = with_log_fields(work)\n"
        "        child = multiprocessing.get_context('fork').Process(target=wrapped, args=(3,))\n"
        "        child.start()\n        child.join()",
        *ON,
    )
    (line,) = [line for line in lines(done) if line["logger"] == "worker"]
    assert (line["message"], line["trace_id"], line["step"]) == ("row 3", TRACE, "Load")
