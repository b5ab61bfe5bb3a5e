# SPDX-License-Identifier: Apache-2.0
"""Lineage stands apart: without it, or when it fails, everything else is as with it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.spark.xray_helper.environment import ROOT, spark_environment
from tests.spark.xray_helper.lineage_jobs import REFUSED
from tests.spark.xray_helper.traces import Span, Trace

TIMEOUT_S = 300
FAULTS = "xray.telemetry.faults"
OUTCOMES = {
    "spark.step.outcome",
    "spark.step.stages",
    "spark.step.inlined_into",
    "spark.step.columns.eliminated",
}
_VARYING = re.compile(r"(?:_ms|bytes|core_seconds|\.id|root_id|call_site)$")  # only whether it is there
# Of stages too short for spans, and of executions of 0.2 s: there or not, as the machine is busy
_BY_TIME = re.compile(r"spark\.(?:sql\.plan|job\.stages\.merged)")


@pytest.fixture(scope="module")
def recorded() -> dict[str, Trace]:
    command = [sys.executable, "-m", "tests.spark.xray_helper.lineage_jobs"]
    done = subprocess.run(
        command, env=spark_environment(), cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return {name: Trace(**one) for name, one in json.loads(done.stdout.splitlines()[-1]).items()}


def everything_else(trace: Trace) -> list[tuple[list[str], str, dict[str, Any]]]:
    """All spans without outcomes and Spark's running numbers: path, status, attributes.

    Stages are in their jobs' numbers: a short one has a span of its own or not, as the machine is busy.
    """
    spans = [span for span in trace.spans if not span["name"].startswith("Spark stage")]
    found = [(_path(trace, span), span["status"], _attributes(span)) for span in spans]
    return sorted(found, key=lambda one: json.dumps(one, sort_keys=True))


def _path(trace: Trace, span: Span) -> list[str]:
    above = [] if span is trace.job else _path(trace, trace.parent(span))
    return [*above, re.sub(r"\d+", "N", span["name"])]


def _attributes(span: Span) -> dict[str, Any]:
    left_out = {*OUTCOMES, FAULTS}
    return {
        key: None if _VARYING.search(key) else value
        for key, value in span["attributes"].items()
        if key.startswith("spark.") and key not in left_out and not _BY_TIME.match(key)
    }


def outcomes(trace: Trace) -> dict[str, str]:
    """What is said about steps, by their names."""
    steps = {name: span["attributes"].get("spark.step.outcome") for name, span in trace.steps.items()}
    return {name: outcome for name, outcome in steps.items() if outcome is not None}


def test_with_lineage_on_there_is_something_to_miss(recorded: dict[str, Trace]) -> None:
    trace = recorded["on"]

    assert outcomes(trace) == {"Read": "executed", "Filter": "executed", "Group": "executed"}
    assert trace.steps["Filter"]["attributes"]["spark.step.output.rows"] == 900
    assert len(trace.actions) == 2
    assert len(trace.spark_jobs) == 5
    assert FAULTS not in trace.job["attributes"]


def test_with_lineage_off_only_the_outcomes_are_absent(recorded: dict[str, Trace]) -> None:
    trace = recorded["off"]

    assert OUTCOMES.isdisjoint(key for span in trace.spans for key in span["attributes"])
    assert everything_else(trace) == everything_else(recorded["on"])
    assert FAULTS not in trace.job["attributes"]
    assert not trace.facts["is_imported"]  # it ran first


@pytest.mark.parametrize("entrance", ["add", "output", *REFUSED])
def test_an_error_in_lineage_stays_there(entrance: str, recorded: dict[str, Trace]) -> None:
    trace = recorded[entrance]

    assert everything_else(trace) == everything_else(recorded["on"])
    assert trace.job["attributes"][FAULTS] == 1
    assert outcomes(trace) == {}
    assert trace.facts["setting"] is None  # Spark's texts are as long as before
