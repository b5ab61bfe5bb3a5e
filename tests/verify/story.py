# SPDX-License-Identifier: Apache-2.0
"""What both runs must have left, in whatever account: trace, rows, page, log lines, metrics, alarms."""

from __future__ import annotations

import boto3

from tests.e2e.bad_files import WRONG_COLUMNS
from tests.e2e.expectations import failure, monitoring, queries, rows, tree
from tests.e2e.expectations.same import same, words
from tests.e2e.runs import CALLER
from tests.verify.checks import Check, NotVerifiableError
from tests.verify.evidence import Evidence

FAILED_JOB, FAILED_STEP = "clean-job", "Read Data"


def _succeeded(evidence: Evidence) -> str:
    same("status of the good file's run", evidence.runs.good.status, "SUCCEEDED")
    return evidence.runs.good.trace_id


def _annotations(evidence: Evidence) -> str:
    run_id = evidence.runs.good.run_id
    return tree.annotations_find_the_run(evidence.good(), evidence.dataset, run_id, evidence.rows)


def _page_rows(evidence: Evidence) -> str:
    trace = evidence.trace(evidence.runs.good)
    return rows.on_the_page(trace, evidence.good().glue_jobs()[0]["id"], evidence.rows)


def _broken(evidence: Evidence) -> str:
    bad = WRONG_COLUMNS
    return failure.has_a_clear_cause(evidence.runs.failed, bad.error, bad.says, f"input/{bad.name}")


def _failure_everywhere(evidence: Evidence) -> str:
    runs = evidence.runs
    trace = evidence.trace(runs.failed)
    return failure.is_the_same_everywhere(runs, trace, FAILED_JOB, FAILED_STEP, WRONG_COLUMNS.error)


def _duration(evidence: Evidence) -> str:
    trace = evidence.trace(evidence.runs.failed)
    return failure.took_as_long_everywhere(evidence.runs, trace, FAILED_JOB)


def _errors(evidence: Evidence) -> str:
    types = ["ExecutionFailed", "TaskFailed"]
    return queries.errors_are_those_of_the_failed_run(evidence.runs, FAILED_STEP, types)


def _alarms(evidence: Evidence) -> str:
    names = evidence.ids("AWS::CloudWatch::Alarm")
    found = boto3.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    same("alarms", sorted(alarm["AlarmName"] for alarm in found), sorted(names))
    assert found, "the stack has no alarm"
    topics = set(evidence.ids("AWS::SNS::Topic"))
    silent = [alarm["AlarmName"] for alarm in found if not topics & set(alarm["AlarmActions"])]
    same("alarms that tell no topic of the stack", silent, [])
    return f"{words(len(found), 'alarm')}, each tells the stack's topic"


def _with_metrics(evidence: Evidence) -> Evidence:
    if not evidence.metrics:
        raise NotVerifiableError("this deployment sends no metrics")
    return evidence


TRACE, LOGS, METRICS = "docs/read-a-trace.md", "docs/logs.md", "docs/metrics.md"
FAILED_FILE = "docs/find-the-failed-file.md"
CHECKS = (
    Check(id="run", claim="An upload starts a run that succeeds", source="README.md", observe=_succeeded),
    Check(
        id="trace.tree",
        claim="The trace of the run is one tree, from the upload down",
        source=TRACE,
        observe=lambda evidence: tree.is_one_tree(evidence.good()),
    ),
    Check(
        id="trace.jobs",
        claim="Both Glue jobs are below the states that started them",
        source=TRACE,
        observe=lambda evidence: tree.jobs_are_below_their_states(evidence.good()),
    ),
    Check(
        id="trace.steps",
        claim="Each step of both jobs is there once, in order",
        source=TRACE,
        observe=lambda evidence: tree.steps_are_in_order(evidence.good()),
    ),
    Check(
        id="trace.stages",
        claim="Spark's stages are below the step that ran them",
        source=TRACE,
        observe=lambda evidence: tree.stages_are_below_their_step(evidence.good()),
    ),
    Check(
        id="trace.annotations",
        claim="Annotations find the run, with its rows",
        source=FAILED_FILE,
        observe=_annotations,
    ),
    Check(
        id="trace.size",
        claim="The trace stays inside what X-Ray guarantees",
        source="docs/exporters.md",
        observe=lambda evidence: tree.stays_inside_the_limits(evidence.trace(evidence.runs.good).to_json()),
    ),
    Check(
        id="rows.data",
        claim="Each row is in the files once: clean, or rejected with its reason",
        source="docs/architecture.md",
        observe=lambda evidence: rows.in_the_data(evidence.objects, evidence.rows),
    ),
    Check(
        id="rows.tree",
        claim="The tree in the terminal counts the same rows",
        source=TRACE,
        observe=lambda evidence: rows.in_the_tree(evidence.trace(evidence.runs.good), evidence.rows),
    ),
    Check(id="rows.page", claim="The page counts the same rows", source=TRACE, observe=_page_rows),
    Check(
        id="page",
        claim="The page is whole by itself",
        source=TRACE,
        observe=lambda evidence: tree.page_of(evidence.trace(evidence.runs.good)),
    ),
    Check(
        id="failure.cause",
        claim="A broken file's run fails, and its cause names the file in one sentence",
        source=FAILED_FILE,
        observe=_broken,
    ),
    Check(
        id="failure.trace",
        claim="The trace of the failed run shows the job and the step",
        source=FAILED_FILE,
        observe=lambda evidence: failure.is_where_the_trace_says(evidence.failed(), FAILED_STEP),
    ),
    Check(
        id="failure.everywhere",
        claim="Tree, page, log lines, metrics and cause tell of the same failure",
        source=FAILED_FILE,
        observe=lambda evidence: _failure_everywhere(_with_metrics(evidence)),
    ),
    Check(
        id="failure.duration",
        claim="The failed job took as long in trace, page, log lines and metrics",
        source=METRICS,
        observe=lambda evidence: _duration(_with_metrics(evidence)),
    ),
    Check(
        id="logs.lines",
        claim="The viewer shows the run's log lines below their spans",
        source=LOGS,
        observe=lambda evidence: monitoring.lines_are_below_their_spans(evidence.trace(evidence.runs.good)),
    ),
    Check(
        id="queries.run",
        claim="The saved query of a run finds it in every log group that has it",
        source=LOGS,
        observe=lambda evidence: queries.everything_of_one_run(evidence.runs),
    ),
    Check(
        id="queries.job",
        claim="The saved query of a job finds it by the caller's id",
        source=LOGS,
        observe=lambda evidence: queries.one_job_of_one_run(evidence.runs, CALLER),
    ),
    Check(
        id="queries.errors",
        claim="The saved query of errors finds those of the failed run alone",
        source=LOGS,
        observe=_errors,
    ),
    Check(
        id="queries.rejected",
        claim="The saved query of rejected rows adds them up by reason",
        source=LOGS,
        observe=lambda evidence: rows.in_the_logs(evidence.runs, evidence.runs.good.run_id, evidence.rows),
    ),
    Check(
        id="metrics.rows",
        claim="The metrics count every row",
        source=METRICS,
        observe=lambda evidence: rows.in_the_metrics(_with_metrics(evidence).runs, evidence.rows),
    ),
    Check(
        id="metrics.rejected",
        claim="The metrics count rejected rows by reason",
        source=METRICS,
        observe=lambda evidence: rows.rejected_in_the_metrics(_with_metrics(evidence).runs, evidence.rows),
    ),
    Check(
        id="metrics.dashboard",
        claim="Each of our metrics on the dashboard exists",
        source=METRICS,
        observe=lambda evidence: monitoring.dashboard_shows_what_exists(
            _with_metrics(evidence).stack, FAILED_JOB
        ),
    ),
    Check(id="alarms", claim="Every alarm exists and tells a topic", source=METRICS, observe=_alarms),
)
