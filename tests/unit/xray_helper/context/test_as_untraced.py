# SPDX-License-Identifier: Apache-2.0
"""A program does what it does untraced, whatever it does with threads, processes and signals."""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import functools
import gc
import importlib
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import opentelemetry.context
import opentelemetry.trace
import pytest
from opentelemetry.sdk.trace import ReadableSpan

import xray_helper
from xray_helper import Settings, clients, own_threads, step, traced_job
from xray_helper.clients import aws_client
from xray_helper.context import places
from xray_helper.error_boundary import LOGGER, ErrorBoundary
from xray_helper.export import delivery
from xray_helper.export.last_line import say
from xray_helper.job import Job
from xray_helper.lifecycle import shutdown
from xray_helper.observers import spark_part
from xray_helper.step_scope import StepScope

Spans = list[ReadableSpan]
GLUE_JOBS = Path(xray_helper.__file__).parents[1]
SETTINGS = Settings(job_name="job", otlp_endpoint="file", checkpoint_s=60)
WAIT_S = 10


def status_of_child(run: Callable[[], object]) -> int:
    """Run a function in a forked child and return how it ended; the kernel ends one that waits for ever."""
    if not (child := os.fork()):
        with contextlib.suppress(BaseException):
            signal.alarm(WAIT_S)
            run()
            os._exit(0)
        os._exit(1)
    return os.waitpid(child, 0)[1]


@contextlib.contextmanager
def handling(number: int, handler: Any) -> Iterator[None]:
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def test_a_job_that_waits_for_all_other_threads_does_not_wait_for_ours(exported: Spans) -> None:
    over = threading.Event()
    mine = threading.Thread(target=over.wait, name="xray-images")
    before, count = threading.enumerate(), threading.active_count()
    functions = threading.enumerate, threading.active_count
    with traced_job(settings=SETTINGS):
        assert any(thread.name == "xray-checkpoints" for thread in functions[0]())
        mine.start()
        assert threading.enumerate() == [*before, mine]
        assert threading.active_count() == count + 1
        over.set()
        mine.join()
    assert (threading.enumerate, threading.active_count) == functions


def test_no_process_is_forked_in_the_middle_of_an_import(exported: Spans) -> None:
    begun, forked, order = threading.Event(), threading.Event(), []

    def work() -> None:
        with own_threads.importing():
            begun.set()
            forked.wait(0.3)
            order.append("imported")

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(WAIT_S)
    assert status_of_child(lambda: own_threads.importing().__enter__()) == 0
    order.append("forked")
    forked.set()
    thread.join()
    assert order == ["imported", "forked"]


def test_a_fork_goes_on_when_an_import_does_not_end(monkeypatch: pytest.MonkeyPatch, exported: Spans) -> None:
    monkeypatch.setattr(own_threads, "_MOST_S", 0.01)
    begun, forked = threading.Event(), threading.Event()

    def work() -> None:
        with own_threads.importing():
            begun.set()
            assert forked.wait(WAIT_S)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(WAIT_S)
    assert status_of_child(lambda: own_threads.importing().__enter__()) == 0
    forked.set()
    thread.join()


def make_client() -> None:
    aws_client("xray")


@pytest.mark.parametrize(
    ("importer", "imports"),
    [
        (importlib, functools.partial(delivery.warm_up, None)),
        (importlib, functools.partial(delivery.warm_up, "http://127.0.0.1:9")),
        (importlib, functools.partial(spark_part.import_spark_part, with_lineage=True)),
        (clients, make_client),
    ],
)
def test_what_is_imported_beside_the_job_holds_forks_back(
    importer: ModuleType, imports: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    free: list[bool] = []

    def look(*_: str) -> None:
        other = threading.Thread(target=lambda: free.append(own_threads._importing.acquire(blocking=False)))
        other.start()
        other.join()

    monkeypatch.setattr(own_threads, "_importing", threading.RLock())
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setitem(sys.modules, "pyspark", sys)
    with monkeypatch.context() as patched:
        patched.setattr(importer, "import_module" if importer is importlib else "require", look)
        imports()
    assert free
    assert not any(free)


SIGPIPE = """
import os, signal, threading, time
from xray_helper.error_boundary import run_bounded
from xray_helper.lifecycle.finalizer import Finalizer

signal.signal(signal.SIGPIPE, signal.SIG_DFL)
reader, writer = os.pipe()
os.close(reader)

def write(*_):
    try:
        os.write(writer, b"x")
    except BrokenPipeError:
        print("an error", flush=True)

run_bounded(write, seconds=10, name="xray-put")
Finalizer(write, budget_s=10, what="it").run(0)
"""


def test_a_peer_that_hangs_up_ends_no_script_that_wants_sigpipe() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SIGPIPE],
        env=os.environ | {"PYTHONPATH": str(GLUE_JOBS)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "an error\n" * 2, "")


def test_without_stderr_nothing_of_ours_is_in_the_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(LOGGER, "hasHandlers", lambda: False)
    say("1-2", delivery.DeliveryReport(made=1, to_xray=1), seconds=0.1)
    assert "Trace 1-2" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stderr", None)
    say("1-2", delivery.DeliveryReport(made=1, to_xray=1), seconds=0.1)
    assert capsys.readouterr().out == ""


class TooSlowError(Exception):
    pass


def late(number: int, frame: Any) -> None:
    raise TooSlowError


def late_once(*_: Any) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    raise TooSlowError


def late_with(what: str, number: int, frame: Any) -> None:
    raise TooSlowError(what)


class Late:
    def __call__(self, number: int, frame: Any) -> None:
        raise TooSlowError


@pytest.mark.parametrize("handler", [late, late_once, functools.partial(late_with, "x"), Late()])
def test_what_a_handler_of_any_kind_raises_comes_out(handler: Any) -> None:
    errors = ErrorBoundary()
    with handling(signal.SIGALRM, handler), pytest.raises(TooSlowError), errors("testing"):
        signal.raise_signal(signal.SIGALRM)
    assert errors.faults == 0


def test_what_telemetry_raises_stays_inside_even_where_it_looks_at_frames() -> None:
    def look(count: int) -> None:
        caller = sys._getframe(count)
        raise ValueError(caller)

    errors = ErrorBoundary()
    with errors("testing"):
        look(1)
    assert errors.faults == 1


def leave_in_another_context(job: Any) -> None:
    contextvars.copy_context().run(job.__enter__)
    job.__exit__(None, None, None)


def leave_in_another_thread(job: Any) -> None:
    job.__enter__()
    thread = threading.Thread(target=job.__exit__, args=(None, None, None))
    thread.start()
    thread.join()


@pytest.mark.parametrize("use", [leave_in_another_context, leave_in_another_thread])
def test_a_job_may_be_left_somewhere_else(exported: Spans, use: Callable[[Any], None]) -> None:
    """As that of an asynchronous generator is, which the event loop closes in a task of its own."""
    contextvars.copy_context().run(use, traced_job(settings=SETTINGS))
    assert [span.name for span in exported] == ["job"]


def test_a_child_that_closes_all_files_writes_into_none_of_its_own(exported: Spans, tmp_path: Path) -> None:
    data = tmp_path / "data.txt"

    def become_daemon() -> None:
        with step("before"):
            pass
        os.closerange(3, 256)
        files = [os.open(data, os.O_CREAT | os.O_WRONLY | os.O_APPEND) for _ in range(200)]
        with step("after"):
            os.write(files[0], b"mine\n")

    with traced_job(settings=SETTINGS):
        assert status_of_child(become_daemon) == 0
    assert data.read_text() == "mine\n"
    assert {span.name for span in exported} == {"job", "before", "after"}


def test_a_line_that_a_full_disk_has_cut_costs_no_other(exported: Spans) -> None:
    def fill_the_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        with step("cut"):
            pass

    with traced_job(settings=SETTINGS):
        assert status_of_child(fill_the_disk) == 0
        assert status_of_child(lambda: step("whole").__enter__()) == 0
        assert status_of_child(lambda: step("another").__enter__()) == 0
    spans = {span.name: span for span in exported}
    assert set(spans) == {"job", "another"}
    assert (spans["job"].attributes or {})["xray.steps.forked.left_out"] == 1


def test_steps_as_deep_as_the_stack_hand_work_over(exported: Spans) -> None:
    done: list[str | None] = []

    def descend(levels: int) -> None:
        if levels:
            with step("s"):
                descend(levels - 1)
            return
        thread = threading.Thread(target=lambda: done.append(place.step.name if place else None))
        place = places.innermost()
        thread.start()
        thread.join()

    with traced_job(settings=SETTINGS):
        descend(sys.getrecursionlimit() * 6 // 10)
    assert done == ["s"]


class Frozen(threading.Thread):
    """Takes no attribute that it does not know."""

    def __setattr__(self, name: str, value: object) -> None:
        if name == "run":
            raise AttributeError(name)
        super().__setattr__(name, value)


def test_a_thread_that_cannot_be_followed_runs(exported: Spans) -> None:
    done = threading.Event()
    with traced_job(settings=SETTINGS), step("s"):
        thread = Frozen(target=done.set)
        thread.start()
        thread.join()
    assert done.is_set()


def fail(job: Any) -> None:
    """Write on the job's span in all ways."""
    job.set_attribute("n", 1)
    job.annotate(town="a")
    with contextlib.suppress(KeyError), step("s"):
        raise KeyError


def test_a_child_waits_for_no_thread_that_it_does_not_have(exported: Spans) -> None:
    taken, over = threading.Event(), threading.Event()
    with traced_job(settings=SETTINGS) as job:
        span: Any = job.span

        def hold() -> None:
            with span._lock, span._attributes._lock, span._events._lock:
                taken.set()
                assert over.wait(WAIT_S)

        thread = threading.Thread(target=hold)
        thread.start()
        assert taken.wait(WAIT_S)
        status = status_of_child(functools.partial(fail, job))
        over.set()
        thread.join()
    assert status == 0


def test_a_handler_may_write_on_the_span_that_it_interrupts(exported: Spans) -> None:
    with traced_job(settings=SETTINGS) as job, handling(signal.SIGUSR1, lambda *_: fail(job)):
        span: Any = job.span
        locks = span._lock, span._attributes._lock, span._events._lock
        for lock in locks:
            with lock:
                assert lock.acquire(blocking=False), "it would wait for itself"
                lock.release()
        with contextlib.ExitStack() as held:
            for lock in locks:
                held.enter_context(lock)
            signal.raise_signal(signal.SIGUSR1)
    assert {span.name for span in exported} == {"job", "s"}


def metric_locks(job: Any) -> list[Any]:
    """The locks of OpenTelemetry's that an instrument of this job takes."""
    job.metrics.count("orders")
    counter = job.metrics._instruments["orders", "counter"]
    storages = counter._measurement_consumer._reader_storages.values()
    matches = [match for one in storages for match in one._instrument_view_instrument_matches[counter]]
    return [match._lock for match in matches]


WITH_METRICS = dataclasses.replace(SETTINGS, metrics=True, otlp_endpoint="http://127.0.0.1:9", end_budget_s=0)


def test_a_child_measures_nothing_and_ends_no_job(exported: Spans, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job(settings=WITH_METRICS, traced=False)
    taken, over = threading.Event(), threading.Event()
    with job:
        (lock,) = metric_locks(job)

        def hold() -> None:
            with lock:
                taken.set()
                assert over.wait(WAIT_S)

        thread = threading.Thread(target=hold)
        thread.start()
        assert taken.wait(WAIT_S)

        def leave() -> None:
            monkeypatch.setattr("xray_helper.metrics.otlp.finish_metrics", lambda *_, **__: os._exit(3))
            job.metrics.count("orders")
            job.__exit__(None, None, None)

        status = status_of_child(leave)
        over.set()
        thread.join()
    assert status == 0


def measure_on_top() -> None:
    with (
        Job(settings=WITH_METRICS, traced=False) as job,
        handling(signal.SIGUSR1, lambda *_: job.metrics.count("orders", 2)),
    ):
        (lock,) = metric_locks(job)

        class Three(float):
            """Is interrupted while it is measured."""

            def __lt__(self, other: float) -> bool:
                with lock:
                    signal.raise_signal(signal.SIGUSR1)
                return False

        job.metrics.count("orders", Three(3))
        data: Any = job.metrics.collect()
    (metric,) = data.resource_metrics[0].scope_metrics[0].metrics
    assert metric.data.data_points[0].value == 6


def test_a_handler_that_measures_leaves_it_to_what_it_interrupts(exported: Spans) -> None:
    assert status_of_child(measure_on_top) == 0


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="collects between instructions only")
def test_nothing_is_collected_while_context_variables_are_set(
    exported: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A finalizer that makes a step would crash the interpreter."""
    attach, seen = opentelemetry.context.attach, []

    def look(context: Any) -> Any:
        seen.append(gc.isenabled())
        return attach(context)

    monkeypatch.setattr(opentelemetry.context, "attach", look)
    with traced_job(settings=SETTINGS), step("s"):
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        assert gc.isenabled()
        gc.disable()
        try:
            with step("s"):
                pass
            assert not gc.isenabled()
        finally:
            gc.enable()
    assert seen
    assert not any(seen)


def test_a_step_that_is_interrupted_on_the_way_in_is_around_nothing(
    exported: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    with traced_job(settings=SETTINGS), step("outer") as outer:
        with monkeypatch.context() as patched:
            patched.setattr(StepScope, "started", interrupt)
            with pytest.raises(KeyboardInterrupt):
                step("lost").__enter__()
        assert places.current_step() is outer


def test_a_step_that_is_interrupted_on_the_way_out_is_left(
    exported: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    attach, calls = opentelemetry.context.attach, []

    def interrupt_once(context: Any) -> Any:
        calls.append(context)
        if len(calls) == 1:
            raise KeyboardInterrupt
        return attach(context)

    with traced_job(settings=SETTINGS), step("outer") as outer:
        inner = step("inner").__enter__()
        monkeypatch.setattr(opentelemetry.context, "attach", interrupt_once)
        with pytest.raises(KeyboardInterrupt):
            inner.__exit__(None, None, None)
        assert places.current_step() is outer
        assert opentelemetry.trace.get_current_span() is outer.span


def test_the_signal_is_watched_again_after_somebody_has_unset_our_handler(exported: Spans) -> None:
    """As an event loop does that removes a handler of its own."""
    with handling(signal.SIGTERM, signal.SIG_DFL):
        with traced_job(settings=SETTINGS):
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with traced_job(settings=SETTINGS):
            assert signal.getsignal(signal.SIGTERM) is shutdown._on_sigterm
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_where_threads_are_greenlets_the_signal_ends_the_process_as_ever(
    exported: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread of gevent's waits for the main one to wait, which the signal has ended or which computes."""

    class TerminatedError(Exception):
        pass

    def theirs(number: int, frame: Any) -> None:
        raise TerminatedError

    def spawn(*_: Any) -> None:
        raise AssertionError("never gets its turn")

    with handling(signal.SIGTERM, theirs), traced_job(settings=SETTINGS):
        monkeypatch.setattr("_thread.start_new_thread", spawn)
        with pytest.raises(TerminatedError):
            signal.raise_signal(signal.SIGTERM)
        monkeypatch.undo()
