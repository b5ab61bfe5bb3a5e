# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace

import pytest

from xray_helper.settings import Settings, tracing_disabled


def test_arguments_are_read_among_those_of_the_job_and_of_glue() -> None:
    argv = [
        "--input_uri", "s3://b/input/a b.csv", "--trace_header", "Root=1-a;Parent=b;Sampled=1",
        "--step_name=Clean Data", "--otlp_endpoint", "http://collector:4318", "--job_name", "clean job",
        "--JOB_NAME", "OtelSolution-1A2B", "--JOB_RUN_ID", "jr_1", "--spill_uri", "s3://b/spans/",
        "--measure", "rows", "positional", "--trace", "not ours", "--flag",
    ]  # fmt: skip
    settings = Settings.from_arguments(argv, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://other:4318"})
    assert settings == Settings(
        job_name="clean job",
        trace_header="Root=1-a;Parent=b;Sampled=1",
        step_name="Clean Data",
        otlp_endpoint="http://collector:4318",
        spill_uri="s3://b/spans/",
        measure="rows",
        job_run_id="jr_1",
        glue_job="OtelSolution-1A2B",
    )
    assert settings.ask_for_tracing


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["--worker_type", "G.2X", "--number_of_workers", "5"], ("G.2X", 5, None)),
        (["--max_capacity", "0.0625"], (None, None, 0.0625)),
        (["--number_of_workers", "many", "--max_capacity", "half"], (None, None, None)),
        ([], (None, None, None)),
    ],
)
def test_what_a_job_was_deployed_with(argv: list[str], expected: tuple[object, ...]) -> None:
    settings = Settings.from_arguments(argv, {})
    assert (settings.worker_type, settings.number_of_workers, settings.max_capacity) == expected


def test_without_arguments_nothing_is_asked_for() -> None:
    settings = Settings.from_arguments([], {}, job_name="nightly")
    assert settings == Settings(job_name="nightly")
    assert not settings.ask_for_tracing


@pytest.mark.parametrize(
    ("argv", "environ", "given", "expected"),
    [
        (["--job_name", "a", "--JOB_NAME", "b"], {"OTEL_SERVICE_NAME": "d"}, "c", "a"),
        (["--JOB_NAME", "b"], {"OTEL_SERVICE_NAME": "d"}, "c", "c"),
        (["--JOB_NAME", "b"], {"OTEL_SERVICE_NAME": "d"}, None, "b"),
        ([], {"OTEL_SERVICE_NAME": "d"}, None, "d"),
    ],
)
def test_the_nearest_name_wins(
    argv: list[str], environ: dict[str, str], given: str | None, expected: str
) -> None:
    assert Settings.from_arguments(argv, environ, job_name=given).job_name == expected


def test_a_name_at_the_end_has_no_value() -> None:
    assert Settings.from_arguments(["--step_name", "x", "--otlp_endpoint"], {}) == Settings.from_arguments(
        ["--step_name", "x"], {}
    )


EVIL = "http://evil:4318"


@pytest.mark.parametrize(
    "argv",
    [
        ["--comment", f"--otlp_endpoint={EVIL}"],
        ["--comment", "--otlp_endpoint", EVIL],
        ["-m", f"--otlp_endpoint={EVIL}"],
        ["--comment", "--traces=off"],
        ["--correlation_id", "--traces=off"],
        ["--correlation_id", "--traces", "off"],
        ["--", f"--otlp_endpoint={EVIL}"],
        [f"--comment=--otlp_endpoint={EVIL}"],
        ["--comment", "--", f"x --otlp_endpoint={EVIL}"],
    ],
)
def test_the_value_of_another_argument_sets_nothing(argv: list[str]) -> None:
    ours = ["--otlp_endpoint", "http://collector:4318", "--job_name", "a"]
    settings = Settings.from_arguments([*ours, *argv], {})
    assert (settings.otlp_endpoint, settings.traces) == ("http://collector:4318", None)


def test_what_is_taken_for_a_value_though_it_looks_like_ours_is_said(
    caplog: pytest.LogCaptureFixture,
) -> None:
    Settings.from_arguments(["--verbose", "--otlp_endpoint=http://user:secret@c:4318", "--day", "--x"], {})
    assert caplog.messages == [
        "--otlp_endpoint is the value of --verbose here and sets nothing: "
        "write flags without a value last, or as --verbose=on."
    ]


def test_a_value_may_begin_with_a_dash() -> None:
    assert Settings.from_arguments(["--correlation_id", "-h"], {}).correlation_id == "-h"


def test_the_environment_can_ask_for_a_trace() -> None:
    from_lambda = Settings.from_arguments([], {"_X_AMZN_TRACE_ID": "Root=1-a"})
    from_otel = Settings.from_arguments([], {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"})
    assert (from_lambda.trace_header, from_lambda.ask_for_tracing) == ("Root=1-a", True)
    assert (from_otel.otlp_endpoint, from_otel.ask_for_tracing) == ("http://c:4318", True)


def test_an_unknown_measure_is_none() -> None:
    assert Settings.from_arguments(["--measure", "everything"], {}).measure is None


def test_opentelemetrys_own_switch() -> None:
    assert tracing_disabled({"OTEL_SDK_DISABLED": " TRUE "})
    assert not tracing_disabled({"OTEL_SDK_DISABLED": "1"})
    assert not tracing_disabled({})


@pytest.mark.parametrize(
    ("text", "size"), [("120000", 120_000), ("many", 40_000), ("-1", 40_000), ("", 40_000)]
)
def test_the_share_of_the_trace_is_a_number_of_bytes(text: str, size: int) -> None:
    assert Settings.from_arguments(["--share_bytes", text], {}).share_bytes == size


def test_the_caller_says_what_started_the_job() -> None:
    assert Settings.from_arguments(["--caller", "nightly.load r:1"], {}).caller == "nightly.load r:1"
    assert Settings.from_arguments([], {}).caller is None


@pytest.mark.parametrize(
    ("argv", "follows"),
    [([], True), (["--lineage", "off"], False), (["--lineage", "on"], True), (["--lineage", "no"], True)],
)
def test_lineage_is_followed_unless_it_is_off(argv: list[str], follows: bool) -> None:
    assert Settings.from_arguments(argv, {}).lineage is follows


@pytest.mark.parametrize(
    "argv",
    [["--traces", "on"], ["--spans_uri", "s3://b/spans"], ["--execution_id", "arn:e", "--trace_header", ""]],
)
def test_a_trace_of_ones_own_is_asked_for(argv: list[str]) -> None:
    assert Settings.from_arguments(argv, {}).ask_for_tracing
    assert not Settings.from_arguments([*argv, "--traces", "off"], {}).ask_for_tracing


def test_arguments_win_over_code_and_code_over_the_environment() -> None:
    code = Settings(job_name="inventory", aws_calls=True, otlp_endpoint="file", share_bytes=1, caller="c")
    argv = ["--aws_calls", "off", "--caller", "d", "--measure", "rows", "--JOB_NAME", "Stack-Inventory"]
    environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://other:4318", "OTEL_SERVICE_NAME": "service"}
    settings = Settings.from_arguments(argv, environ, defaults=code)
    assert settings == replace(code, aws_calls=False, caller="d", measure="rows", glue_job="Stack-Inventory")
    assert Settings.from_arguments(["--job_name", "a"], environ, defaults=code).job_name == "a"
    assert Settings.from_arguments([], environ, defaults=Settings(job_name="a")).otlp_endpoint == EVERYWHERE


EVERYWHERE = "http://other:4318"


def test_a_job_of_a_glue_workflow_knows_its_run() -> None:
    argv = ["--WORKFLOW_NAME", "nightly", "--WORKFLOW_RUN_ID", "wr_1"]
    settings = Settings.from_arguments(argv, {})
    assert (settings.workflow_name, settings.workflow_run_id, settings.run_id) == ("nightly", "wr_1", "wr_1")
    assert not settings.ask_for_tracing
    assert Settings.from_arguments([*argv, "--run_id", "mine"], {}).run_id == "mine"


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--otlp-endpoint", "http://c:4318"], "--otlp-endpoint sets nothing: write --otlp_endpoint."),
        (["--otlp_endpont=http://c:4318"], "--otlp_endpont sets nothing: write --otlp_endpoint."),
        (["--Spans-URI", "s3://b"], "--Spans-URI sets nothing: write --spans_uri."),
        (["--aws-calls", "on"], "--aws-calls sets nothing: write --aws_calls."),
        (["--trace", "on"], "--trace sets nothing: write --traces."),
        (["--metric", "on"], "--metric sets nothing: write --metrics."),
        (
            ["--aws_calls", "true"],
            "--aws_calls is neither on nor off and changes nothing: write --aws_calls on.",
        ),
        (["--traces", "False"], "--traces is neither on nor off and changes nothing: write --traces off."),
        (["--lineage", "OFF"], "--lineage is neither on nor off and changes nothing: write --lineage off."),
        (
            ["--measure", "row"],
            "--measure is neither rows nor time and changes nothing: write --measure rows.",
        ),
        (
            ["--otlp_endpoint", "collector:4318"],
            "--otlp_endpoint has no scheme and reaches nobody: write http:// or https:// before it.",
        ),
        (
            ["--share_bytes", "100k"],
            "--share_bytes is no number of bytes and changes nothing: write digits only.",
        ),
    ],
)
def test_a_slip_is_one_warning_with_the_right_word(
    argv: list[str], sentence: str, caplog: pytest.LogCaptureFixture
) -> None:
    Settings.from_arguments(argv, {})
    assert caplog.messages == [sentence]


@pytest.mark.parametrize(
    "argv",
    [
        ["--trace", "s3://b/trace", "--metric", "revenue", "--measures", "a,b", "--metrics", "revenue,cost"],
        ["--run-id", "1", "--job-name", "x", "--step-name", "y", "--correlation-id", "z", "--callers", "2"],
        ["--measure", "revenue", "--lineage", "s3://b/lineage.json", "--traces", "7"],
        ["--input_uri", "s3://b", "--spark_uri", "x", "--source_uri", "s3://b", "--endpoint", "db:5432"],
        [
            "--trace_id",
            "1-2",
            "--traceback",
            "on",
            "--debug",
            "on",
            "--retries",
            "on",
            "--enable-metrics",
            "true",
        ],
        ["--JOB_NAME", "a", "--JOB_RUN_ID", "b", "--TempDir", "s3://t", "--job-language", "python"],
        ["--otlp_endpoint", "xray", "--traces", "on"],
        ["--otlp_endpoint", "file", "--log_correlation", "on", "--share_bytes", ""],
        ["--otlp_endpoint", "HTTPS://c:4318"],
    ],
)
def test_arguments_of_the_jobs_own_raise_no_alarm(argv: list[str], caplog: pytest.LogCaptureFixture) -> None:
    Settings.from_arguments(argv, {})
    assert caplog.messages == []
