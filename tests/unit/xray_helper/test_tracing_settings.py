# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

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
    assert (settings.otlp_endpoint, settings.traces) == ("http://collector:4318", True)


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
