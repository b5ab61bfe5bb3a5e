# SPDX-License-Identifier: Apache-2.0
"""What a job and its steps put on their spans, exactly."""

from __future__ import annotations

import datetime
import logging
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.trace import SpanContext, SpanKind, StatusCode

import xray_helper
from xray_helper import Settings, current_job, step, traced_job
from xray_helper.observers import Observation, StepHandle

ROOT = "1-5759e988-bd862e3fe1be46a994272793"
HEADER = f"Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=1"
GLUE_JOBS = Path(xray_helper.__file__).parents[1]
Spans = list[ReadableSpan]


def by_name(spans: Spans) -> dict[str, ReadableSpan]:
    assert len({span.name for span in spans}) == len(spans)
    return {span.name: span for span in spans}


def context_of(span: ReadableSpan) -> SpanContext:
    context = span.get_span_context()
    assert context is not None
    return context


def span_id(span: ReadableSpan) -> int:
    return context_of(span).span_id


def test_a_job_and_its_steps(exported: Spans) -> None:
    with traced_job("clean", argv=["--trace_header", HEADER], annotations={"dataset": "listings"}) as job:
        with job.step("Read Data") as read:
            read.set_attribute("format", "csv")
            with step("Parse"):
                pass
        with job.step("Write Data"):
            pass
        job.annotate(rows_read=4002, run_id=None)
        job.set_attribute("unknown_columns", ["a", "b"])
    spans = by_name(exported)
    assert set(spans) == {"clean", "Read Data", "Parse", "Write Data"}
    root = spans["clean"]
    assert root.kind is SpanKind.SERVER
    assert root.status.status_code is StatusCode.UNSET
    assert f"{context_of(root).trace_id:032x}" == "5759e988bd862e3fe1be46a994272793"
    assert root.parent is not None
    assert f"{root.parent.span_id:016x}" == "53995c3f42cd8ad8"
    assert dict(root.attributes or {}) == {
        "job_name": "clean",
        "dataset": "listings",
        "rows_read": 4002,
        "aws.xray.annotations": ("job_name", "dataset", "rows_read"),
        "unknown_columns": ("a", "b"),
        "xray.spans.made": 4,
        "xray.spans.dropped": 0,
        "xray.parent.source": "header",
    }
    parents = {name: span.parent.span_id for name, span in spans.items() if span.parent}
    assert parents["Read Data"] == parents["Write Data"] == span_id(root)
    assert parents["Parse"] == span_id(spans["Read Data"])
    assert dict(spans["Read Data"].attributes or {}) == {"format": "csv"}
    assert all(spans[name].kind is SpanKind.INTERNAL for name in ("Read Data", "Parse", "Write Data"))
    assert root.resource.attributes["service.name"] == "clean"


def test_a_glue_run_describes_itself(exported: Spans) -> None:
    argv = ["--trace_header", HEADER, "--JOB_RUN_ID", "jr_1", "--JOB_NAME", "Stack-Clean"]
    with traced_job(argv=argv):
        pass
    resource = dict(exported[0].resource.attributes)
    assert resource.pop("telemetry.sdk.version")
    assert resource == {
        "service.name": "Stack-Clean",
        "telemetry.sdk.name": "opentelemetry",
        "telemetry.sdk.language": "python",
        "cloud.provider": "aws",
        "cloud.region": "us-east-1",
        "aws.glue.job.run_id": "jr_1",
        "aws.log.group.names": ("/aws-glue/jobs/output", "/aws-glue/jobs/error"),
    }


def test_a_failed_step_fails_the_job_and_comes_out_unchanged(exported: Spans) -> None:
    error = ValueError("bad row")
    traced = traced_job("clean", argv=["--trace_header", HEADER])
    with pytest.raises(ValueError, match="bad row") as caught, traced, step("Convert Currency"):
        raise error
    assert caught.value is error
    assert error.__cause__ is None
    spans = by_name(exported)
    failed, root = spans["Convert Currency"], spans["clean"]
    for span in (failed, root):
        assert span.status.status_code is StatusCode.ERROR
        assert span.status.description == "ValueError: bad row"
    event = dict(failed.events[0].attributes or {})
    assert "in test_a_failed_step_fails_the_job" in str(event.pop("exception.stacktrace"))
    assert event == {"exception.type": "ValueError", "exception.message": "bad row"}
    # The stack is written once, on the step; the job points to it.
    assert dict(root.events[0].attributes or {}) == {
        "exception.type": "ValueError",
        "exception.message": "bad row",
    }
    assert (root.attributes or {})["xray.step.failed"] == "Convert Currency"


def test_a_step_whose_failure_is_handled_does_not_fail_the_job(exported: Spans) -> None:
    traced = traced_job("clean", argv=["--trace_header", HEADER])
    with traced, pytest.raises(OSError, match="gone"), step("Try"):
        raise OSError("gone")
    spans = by_name(exported)
    assert spans["Try"].status.status_code is StatusCode.ERROR
    assert spans["clean"].status.status_code is StatusCode.UNSET


@pytest.mark.parametrize(
    ("code", "status"), [(None, StatusCode.UNSET), (0, StatusCode.UNSET), (3, StatusCode.ERROR)]
)
def test_sys_exit_is_a_failure_when_its_code_says_so(
    exported: Spans, code: int | None, status: StatusCode
) -> None:
    with pytest.raises(SystemExit) as caught, traced_job("j", argv=["--trace_header", HEADER]):
        sys.exit(code)
    assert caught.value.code == code
    assert exported[0].status.status_code is status


def test_a_span_with_its_own_times_has_no_more_attributes_than_others_and_none_without_a_name(
    exported: Spans,
) -> None:
    odd: Any = {"": 1, 7: 2, "kept": 3}
    with traced_job("clean", argv=["--trace_header", HEADER]) as job:
        job.add_span("many", start_time_ns=1, end_time_ns=2, attributes={f"a{n}": n for n in range(200)})
        job.add_span("odd", start_time_ns=1, end_time_ns=2, attributes=odd)
    spans = by_name(exported)
    assert dict(spans["many"].attributes or {}) == {f"a{n}": n for n in range(72, 200)}  # the last 128
    assert dict(spans["odd"].attributes or {}) == {"7": 2, "kept": 3}


def test_spans_with_their_own_times(exported: Spans) -> None:
    with traced_job("clean", argv=["--trace_header", HEADER]) as job, job.step("Write Data") as write:
        execution = job.add_span(
            "Execution 1",
            parent=write,
            start_time_ns=1_000,
            end_time_ns=2_000,
            attributes={"rows": 3, "x": None},
        )
        job.add_span(
            "Stage 2",
            parent=execution,
            start_time_ns=1_100,
            end_time_ns=1_900,
            error="lost",
            error_type="Fetch",
        )
    spans = by_name(exported)
    stage = spans["Stage 2"]
    assert (stage.start_time, stage.end_time) == (1_100, 1_900)
    assert stage.parent is not None
    assert stage.parent.span_id == span_id(spans["Execution 1"])
    assert dict(spans["Execution 1"].attributes or {}) == {"rows": 3}
    assert (stage.status.status_code, stage.status.description) == (StatusCode.ERROR, "lost")
    assert dict(stage.events[0].attributes or {}) == {"exception.type": "Fetch", "exception.message": "lost"}


def test_any_value_can_be_an_attribute(exported: Spans) -> None:
    values = {
        "decimal": Decimal("1.50"), "date": datetime.date(2026, 1, 2), "none": None, "path": Path("a/b"),
        "mixed": [1, "a"], "nested": [[1], [2]], "empty": [], "set": {1}, "map": {"a": 1},
    }  # fmt: skip
    with traced_job("j", argv=["--trace_header", HEADER]) as job, job.step("s") as inner:
        for key, value in values.items():
            inner.set_attribute(key, value)
    assert dict(by_name(exported)["s"].attributes or {}) == {
        "decimal": "1.50", "date": "2026-01-02", "path": "a/b", "mixed": ("1", "a"),
        "nested": ("[1]", "[2]"), "empty": (), "set": "{1}", "map": "{'a': 1}",
    }  # fmt: skip


def test_annotations_beyond_the_share_stay_readable(exported: Spans) -> None:
    with traced_job("j", argv=["--trace_header", HEADER]) as job:
        job.annotate(**{f"key{number:02}": number for number in range(25)})
        with job.step("s") as inner:
            inner.annotate(more=1)
    attributes = dict(by_name(exported)["j"].attributes or {})
    assert attributes["aws.xray.annotations"] == ("job_name", *(f"key{number:02}" for number in range(19)))
    assert attributes["key24"] == 24
    assert attributes["xray.annotations.dropped"] == 7
    assert dict(by_name(exported)["s"].attributes or {}) == {"more": 1}


def test_what_does_not_fit_is_counted_on_the_job(exported: Spans) -> None:
    settings = Settings(job_name="j", trace_header=HEADER, share_bytes=5_000)
    with traced_job(settings=settings) as job:
        for number in range(100):
            with job.step(f"step {number}"):
                pass
    attributes = dict(by_name(exported)["j"].attributes or {})
    assert attributes["xray.spans.made"] == 101
    assert attributes["xray.spans.dropped"] == 101 - len(exported)
    assert 2 < len(exported) < 20


def test_a_header_without_a_parent_makes_the_root_of_that_trace(exported: Spans) -> None:
    with traced_job("j", argv=["--trace_header", f"Root={ROOT}"]) as job:
        assert job.trace_id == ROOT
    assert exported[0].parent is None
    assert (exported[0].attributes or {})["xray.parent.source"] == "none"


@pytest.mark.parametrize("header", ["nonsense", "Root=1-2-3", "x" * 300])
def test_a_malformed_header_gives_a_trace_of_its_own(
    exported: Spans, caplog: pytest.LogCaptureFixture, header: str
) -> None:
    caplog.set_level(logging.WARNING, "xray_helper")
    with traced_job("j", argv=["--trace_header", header]) as job:
        assert job.is_traced
        assert job.trace_id is not None
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "has no valid Root" in caplog.text
    assert exported[0].parent is None


def test_an_unsampled_header_leaves_the_job_untraced(
    exported: Spans, caplog: pytest.LogCaptureFixture
) -> None:
    with traced_job("j", argv=["--trace_header", HEADER.replace("Sampled=1", "Sampled=0")]) as job:
        assert not job.is_traced
        with step("s"):
            pass
    assert exported == []
    assert caplog.records == []


def test_opentelemetrys_switch_turns_tracing_off(exported: Spans, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    with traced_job("j", argv=["--trace_header", HEADER]) as job:
        assert not job.is_traced
    assert exported == []


def test_an_untraced_job_works_and_is_silent(exported: Spans, caplog: pytest.LogCaptureFixture) -> None:
    with traced_job(argv=[]) as job, job.step("s", measure="rows") as inner, step("t"):
        job.annotate(a=1)
        job.set_attribute("b", 2)
        job.spill_to("/nowhere")
        inner.set_attribute("c", 3)
        inner.annotate(d=4)
        assert inner.output([1]) == [1]
        assert job.trace_id is None
        assert not job.span.is_recording()
        assert not inner.span.is_recording()
        assert not job.add_span("x", start_time_ns=1, end_time_ns=2).is_recording()
        assert not job.tracer.start_span("y").is_recording()
    with step("outside of any job"):
        pass
    assert exported == []
    assert caplog.records == []


def test_an_untraced_job_imports_neither_opentelemetry_nor_the_aws_sdk() -> None:
    code = (
        "import sys\nfrom xray_helper import step, traced_job, XRayTrace\n"
        "with traced_job():\n    with step('s'):\n        pass\n"
        "heavy = ('opentelemetry', 'boto3', 'botocore', 'google', 'requests')\n"
        "print([name for name in sys.modules if name.split('.')[0] in heavy])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(GLUE_JOBS)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_telemetry_that_cannot_even_start_is_logged_once_and_harmless(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    # As if OpenTelemetry were not installed.
    monkeypatch.setitem(sys.modules, "xray_helper.session", None)
    with traced_job("j", argv=["--trace_header", HEADER]) as job, job.step("s"):
        assert not job.is_traced
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert job.telemetry_faults == 1


def test_the_users_own_provider_is_left_alone(exported: Spans) -> None:
    before = trace.get_tracer_provider()
    theirs = TracerProvider()
    with traced_job("j", argv=["--trace_header", HEADER]) as job, job.step("s") as inner:
        assert trace.get_tracer_provider() is before
        with theirs.get_tracer("theirs").start_as_current_span("call") as call:
            assert call.get_span_context().trace_id == inner.span.get_span_context().trace_id
    assert not trace.get_current_span().is_recording()
    assert {span.name for span in exported} == {"j", "s"}


def test_instrumentation_can_be_given_the_jobs_tracer(exported: Spans) -> None:
    traced = traced_job("j", argv=["--trace_header", HEADER])
    with traced as job, job.step("s"), job.tracer.start_as_current_span("S3.GetObject", kind=SpanKind.CLIENT):
        pass
    spans = by_name(exported)
    assert spans["S3.GetObject"].parent is not None
    assert spans["S3.GetObject"].parent.span_id == span_id(spans["s"])


def test_steps_in_threads_belong_to_the_job(exported: Spans) -> None:
    both = threading.Barrier(2, timeout=10)

    def work(name: str) -> None:
        with step(name):
            both.wait()

    with traced_job("j", argv=["--trace_header", HEADER]) as job:
        threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert current_job() is job
    assert current_job() is None
    spans = by_name(exported)
    assert {name: span.parent.span_id for name, span in spans.items() if span.parent and name != "j"} == {
        "a": span_id(spans["j"]),
        "b": span_id(spans["j"]),
    }


def test_a_job_inside_a_job_has_its_own_steps(exported: Spans) -> None:
    with traced_job("outer", argv=["--trace_header", HEADER]):
        with traced_job("inner", argv=["--trace_header", HEADER]), step("s"):
            pass
        with step("t"):
            pass
    spans = by_name(exported)
    assert spans["s"].parent is not None
    assert spans["t"].parent is not None
    assert spans["s"].parent.span_id == span_id(spans["inner"])
    assert spans["t"].parent.span_id == span_id(spans["outer"])


def test_a_step_still_running_in_a_thread_ends_with_the_job(exported: Spans) -> None:
    inside, leave = threading.Event(), threading.Event()

    def work() -> None:
        with step("slow"):
            inside.set()
            leave.wait(10)

    with traced_job("j", argv=["--trace_header", HEADER]):
        thread = threading.Thread(target=work)
        thread.start()
        assert inside.wait(10)
    leave.set()
    thread.join()
    spans = by_name(exported)
    assert spans["slow"].end_time == spans["j"].end_time


class Observer:
    """Writes down what it is told, and sets an attribute when the job is over."""

    def __init__(self, observation: Observation) -> None:
        self.observation = observation
        self.told: list[str] = []
        self.steps: list[StepHandle] = []

    def step_started(self, step: StepHandle) -> None:
        self.told.append(f"started {step.name} {step.measure}")
        self.steps.append(step)

    def step_ended(self, step: StepHandle, error: BaseException | None) -> None:
        self.told.append(f"ended {step.name} {type(error).__name__}")

    def step_output(self, step: StepHandle, output: Any) -> Any:
        self.told.append(f"output {step.name}")
        return [*output, "marked"]

    def job_ended(self) -> None:
        self.told.append("job ended")
        for each in self.steps:
            each.set_attribute("outcome", "executed")


@pytest.fixture
def observers(monkeypatch: pytest.MonkeyPatch) -> list[Observer]:
    made: list[Observer] = []
    module = ModuleType("xray_helper.spark")

    def observer(observation: Observation) -> Observer:
        made.append(Observer(observation))
        return made[-1]

    module.observer = observer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyspark", ModuleType("pyspark"))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    lineage = f"{module.__name__}.lineage.follower"
    monkeypatch.setitem(sys.modules, lineage, ModuleType(lineage))
    return made


def test_the_observer_sees_every_step_and_has_the_last_word(
    exported: Spans, observers: list[Observer]
) -> None:
    settings = Settings(job_name="j", trace_header=HEADER, measure="time")
    with traced_job(settings=settings) as job:
        with job.step("a") as a:
            assert a.output([1]) == [1, "marked"]
        with pytest.raises(KeyError), job.step("b", measure="rows"):
            raise KeyError
    assert len(observers) == 1
    assert observers[0].told == [
        "started a time", "output a", "ended a NoneType", "started b rows", "ended b KeyError", "job ended",
    ]  # fmt: skip
    spans = by_name(exported)
    assert [(spans[name].attributes or {})["outcome"] for name in "ab"] == ["executed", "executed"]


@pytest.mark.parametrize("lineage", [True, False])
def test_the_observer_is_told_what_to_look_for(
    exported: Spans, observers: list[Observer], lineage: bool
) -> None:
    settings = Settings(job_name="j", trace_header=HEADER, lineage=lineage, aws_calls=not lineage)
    with traced_job(settings=settings), step("s"):
        pass
    (observer,) = observers
    observation = observer.observation
    assert (observation.follow_lineage, observation.watch_aws_calls) == (lineage, not lineage)
    assert observation.log_progress is False


def test_without_pyspark_there_is_no_observer(
    exported: Spans, observers: list[Observer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "pyspark")
    with traced_job("j", argv=["--trace_header", HEADER]), step("s"):
        pass
    assert observers == []


@pytest.mark.parametrize("broken", ["step_started", "step_ended", "step_output", "job_ended"])
def test_an_observer_that_raises_hurts_nobody(
    exported: Spans,
    observers: list[Observer],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    broken: str,
) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("py4j is gone")

    monkeypatch.setattr(Observer, broken, fail)
    frame = [1]
    with traced_job("j", argv=["--trace_header", HEADER]) as job:
        for name in ("a", "b"):
            with job.step(name) as inner:
                assert inner.output(frame)[0] == 1
    assert {span.name for span in exported} == {"j", "a", "b"}
    warnings = [record for record in caplog.records if "py4j is gone" in record.getMessage()]
    assert len(warnings) == 1
    assert job.telemetry_faults >= 1
    assert (by_name(exported)["j"].attributes or {})["xray.telemetry.faults"] == job.telemetry_faults


def test_an_observer_that_cannot_be_made_is_not_tried_again(
    exported: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Observation] = []
    module = ModuleType("xray_helper.spark")

    def observer(observation: Observation) -> Observer:
        tried.append(observation)
        raise ImportError("no jvm")

    module.observer = observer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pyspark", ModuleType("pyspark"))
    monkeypatch.setitem(sys.modules, "xray_helper.spark", module)
    with traced_job("j", argv=["--trace_header", HEADER]):
        for name in ("a", "b", "c"):
            with step(name):
                pass
    assert len(tried) == 1
    assert {span.name for span in exported} == {"j", "a", "b", "c"}


def test_an_observer_that_hangs_at_the_end_is_left_behind(
    exported: Spans, observers: list[Observer], monkeypatch: pytest.MonkeyPatch
) -> None:
    forever = threading.Event()
    monkeypatch.setattr(Observer, "job_ended", lambda *_: forever.wait(30))
    settings = Settings(job_name="j", trace_header=HEADER, end_budget_s=1.0)
    with traced_job(settings=settings) as job, job.step("s"):
        pass
    forever.set()
    assert {span.name for span in exported} == {"j", "s"}
    assert job.telemetry_faults == 1
