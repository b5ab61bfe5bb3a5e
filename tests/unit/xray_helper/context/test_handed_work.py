# SPDX-License-Identifier: Apache-2.0
"""Work that a step gives away runs inside the step, in whatever thread, task, generator or process."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import multiprocessing
import os
import queue
import signal
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan

from xray_helper import Settings, current_job, step, traced_job
from xray_helper.context import places
from xray_helper.record import forked_steps

SETTINGS = Settings(job_name="job", otlp_endpoint="http://127.0.0.1:9", parent_deadline_s=0.1)
WAIT_S = 20
FORK = multiprocessing.get_context("fork")
Spans = list[ReadableSpan]


def parents(spans: Spans) -> dict[str, str]:
    """Name the span above each one; each name stands for one span."""
    names: dict[int, str] = {}
    for span in spans:
        context = span.get_span_context()
        assert context is not None
        names[context.span_id] = span.name
    assert len(set(names.values())) == len(spans)
    return {span.name: names.get(span.parent.span_id, "?") for span in spans if span.parent}


def work(name: str = "inner") -> None:
    with step(name):
        pass


def run(thread: threading.Thread) -> None:
    thread.start()
    thread.join(WAIT_S)
    assert not thread.is_alive()


class RunsItself(threading.Thread):
    def run(self) -> None:
        work()


class Slotted(threading.Thread):
    """A subclass that looks at its own attributes."""

    def run(self) -> None:
        assert "run" not in vars(self)
        super().run()


def in_a_nested_pool() -> None:
    with ThreadPoolExecutor(1) as outer, ThreadPoolExecutor(1) as inner:
        outer.submit(lambda: inner.submit(work).result(WAIT_S)).result(WAIT_S)


def in_a_pool_of_another_step(pool: ThreadPoolExecutor) -> None:
    pool.submit(work).result(WAIT_S)


def with_a_thread_pool(give: Callable[[Any], Any]) -> None:
    with ThreadPool(2) as pool:
        give(pool)


def as_joblib_does(pool: Any) -> None:
    """Give the second piece of work from the callback of the first, in a thread of the pool's own."""
    results: queue.Queue[Any] = queue.Queue()
    pool.apply_async(lambda: None, callback=lambda _: results.put(pool.apply_async(work))).get(WAIT_S)
    results.get(timeout=WAIT_S).get(WAIT_S)


def in_a_task() -> None:
    async def main() -> None:
        await asyncio.create_task(asyncio.to_thread(work))

    asyncio.run(main())


WAYS: dict[str, Callable[[], object]] = {
    "thread": lambda: run(threading.Thread(target=work)),
    "timer": lambda: run(threading.Timer(0, work)),
    "subclass": lambda: run(RunsItself()),
    "subclass with slots": lambda: run(Slotted(target=work)),
    "thread of a thread": lambda: run(threading.Thread(target=lambda: run(threading.Thread(target=work)))),
    "nested pools": in_a_nested_pool,
    "pool.map": lambda: with_a_thread_pool(lambda pool: pool.map(work, ["inner"])),
    "pool.starmap": lambda: with_a_thread_pool(lambda pool: pool.starmap(work, [("inner",)])),
    "pool.apply": lambda: with_a_thread_pool(lambda pool: pool.apply(work, kwds={"name": "inner"})),
    "pool.apply_async": lambda: with_a_thread_pool(
        lambda pool: pool.apply_async(func=work, args=["inner"]).get()
    ),
    "pool.imap": lambda: with_a_thread_pool(lambda pool: list(pool.imap(work, ["inner"]))),
    "pool.imap_unordered": lambda: with_a_thread_pool(
        lambda pool: list(pool.imap_unordered(work, iter(["inner"])))
    ),
    "joblib": lambda: with_a_thread_pool(as_joblib_does),
    "task and to_thread": in_a_task,
}


@pytest.mark.parametrize("give", WAYS.values(), ids=WAYS.keys())
def test_it_hangs_below_the_step(exported: Spans, give: Callable[[], object]) -> None:
    with traced_job(settings=SETTINGS) as job:
        with job.step("outer"):
            give()
        with job.step("after"):
            pass
    assert parents(exported) == {"outer": "job", "inner": "outer", "after": "job"}
    assert job.telemetry_faults == 0


def test_a_pool_serves_many_steps_and_none(exported: Spans) -> None:
    with traced_job(settings=SETTINGS) as job, ThreadPoolExecutor(1) as one, ThreadPool(1) as other:
        for name in ("a", "b"):
            with job.step(name):
                list(one.map(work, [f"one {name}"]))
                other.map(work, [f"other {name}"])
        list(one.map(work, ["one"]))
        other.map(work, ["other"])
    found = parents(exported)
    assert {name: found[name] for name in ("one a", "other a", "one b", "other b", "one", "other")} == {
        "one a": "a",
        "other a": "a",
        "one b": "b",
        "other b": "b",
        "one": "job",
        "other": "job",
    }


def test_a_thread_that_outlives_its_step_goes_on_inside(exported: Spans) -> None:
    go = threading.Event()

    def late() -> None:
        go.wait(WAIT_S)
        work()

    with traced_job(settings=SETTINGS) as job:
        with job.step("outer"):
            thread = threading.Thread(target=late)
            thread.start()
        with job.step("after"):
            go.set()
            thread.join(WAIT_S)
    assert parents(exported) == {"outer": "job", "inner": "outer", "after": "job"}


def test_two_jobs_at_once_keep_their_threads(exported: Spans) -> None:
    both = threading.Barrier(2, timeout=WAIT_S)

    def load(name: str) -> None:
        with traced_job(settings=Settings(job_name=name, otlp_endpoint="http://127.0.0.1:9")):
            both.wait()
            run(threading.Thread(target=work, args=(f"of {name}",)))
            both.wait()

    threads = [threading.Thread(target=load, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert parents(exported) == {"of a": "a", "of b": "b"}


def test_the_users_own_span_is_the_parent_in_a_thread(exported: Spans) -> None:
    seen: list[trace.Span] = []
    with (
        traced_job(settings=SETTINGS) as job,
        job.step("outer"),
        job.tracer.start_as_current_span("mine") as mine,
    ):
        run(threading.Thread(target=lambda: seen.append(trace.get_current_span())))
    assert seen == [mine]


def numbers(name: str) -> Iterator[int]:
    with step(name):
        yield 1
        work(f"inside {name}")
        yield 2


@contextlib.contextmanager
def manager(name: str) -> Iterator[None]:
    with step(name), contextlib.ExitStack() as stack:
        stack.enter_context(step(f"stacked {name}"))
        yield


def test_a_generator_keeps_its_step_to_itself(exported: Spans) -> None:
    with traced_job(settings=SETTINGS) as job:
        with job.step("outer"):
            a, b = numbers("a"), numbers("b")
            next(a), next(b)
            work("between")
            run(threading.Thread(target=work, args=("thread",)))
            next(a), next(b)
            list(a), list(b)
            work("behind")
        work("after")
    assert parents(exported) == {
        "outer": "job",
        "a": "outer",
        "b": "outer",
        "between": "outer",
        "thread": "outer",
        "inside a": "a",
        "inside b": "b",
        "behind": "outer",
        "after": "job",
    }


def test_a_generator_that_is_closed_early_has_not_failed(exported: Spans) -> None:
    with traced_job(settings=SETTINGS):
        for _ in numbers("a"):
            break
    assert {span.name: span.status.is_ok or span.status.is_unset for span in exported} == {
        "job": True,
        "a": True,
    }


def test_a_generator_that_is_never_finished_captures_nothing(exported: Spans) -> None:
    with traced_job(settings=SETTINGS) as job:
        with job.step("outer"):
            kept = numbers("a")
            next(kept)
        work("after")
        kept.close()  # type: ignore[attr-defined]
        assert trace.get_current_span() is trace.INVALID_SPAN
        work("behind")
    assert parents(exported) == {"outer": "job", "a": "outer", "after": "job", "behind": "job"}


def test_what_opens_a_step_for_its_caller_does(exported: Spans) -> None:
    @manager("decorated")
    def decorated() -> None:
        work("in decorated")

    def generator() -> Iterator[None]:
        with manager("managed"):
            work("in managed")
            yield

    with traced_job(settings=SETTINGS), manager("m"):
        work()
        decorated()
        one = generator()
        next(one)
        work("beside")
        one.close()  # type: ignore[attr-defined]
    found = parents(exported)
    assert {name: found[name] for name in ("inner", "in decorated", "in managed", "beside")} == {
        "inner": "stacked m",
        "in decorated": "stacked decorated",
        "in managed": "stacked managed",
        "beside": "stacked m",
    }


def test_tasks_and_asynchronous_generators_keep_theirs(exported: Spans) -> None:
    async def ticks(name: str) -> AsyncIterator[int]:
        with step(name):
            yield 1
            yield 2

    @contextlib.asynccontextmanager
    async def around(name: str) -> AsyncIterator[None]:
        with step(name):
            yield

    async def task(name: str) -> None:
        async with around(name):
            await asyncio.sleep(0)
            work(f"inside {name}")
            await asyncio.sleep(0)
            await asyncio.to_thread(work, f"thread of {name}")

    async def main() -> None:
        tick = ticks("ticks")
        await anext(tick)
        work("between")
        await asyncio.gather(task("a"), task("b"))
        async for _ in tick:
            work("late")

    with traced_job(settings=SETTINGS) as job, job.step("outer"):
        asyncio.run(main())
    found = parents(exported)
    assert found == {
        "outer": "job",
        "ticks": "outer",
        "between": "outer",
        "a": "outer",
        "b": "outer",
        "inside a": "a",
        "inside b": "b",
        "thread of a": "a",
        "thread of b": "b",
        "late": "outer",
    }
    assert job.telemetry_faults == 0


def test_an_asynchronous_generator_that_is_left_early_captures_nothing(
    exported: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ticks() -> AsyncIterator[int]:
        with step("ticks"):
            yield 1

    async def main() -> None:
        with step("outer"):
            async for _ in ticks():
                break
            await asyncio.sleep(0.01)  # a task of asyncio's closes it
            monkeypatch.setattr(places, "is_running", lambda _: True)  # another frame has got its frame's id
            work("late")

    with traced_job(settings=SETTINGS):
        asyncio.run(main())
    assert parents(exported) == {"outer": "job", "ticks": "outer", "late": "outer"}


def test_a_step_may_be_left_in_another_thread(exported: Spans, caplog: pytest.LogCaptureFixture) -> None:
    with traced_job(settings=SETTINGS) as job:
        stack = contextlib.ExitStack()
        stack.enter_context(step("moved"))
        run(threading.Thread(target=stack.close))
        work()
        assert trace.get_current_span() is trace.INVALID_SPAN  # not "moved"
        stack.enter_context(step("moved again"))
        run(threading.Thread(target=stack.close))
    with traced_job(settings=SETTINGS):
        assert trace.get_current_span() is trace.INVALID_SPAN
    exported.pop()  # the second job
    assert parents(exported) == {"moved": "job", "inner": "job", "moved again": "job"}
    assert job.telemetry_faults == 0
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


def test_everything_is_as_before_when_the_job_is_over(exported: Spans) -> None:
    def now() -> list[object]:
        pool = vars(ThreadPool)
        return [
            threading.Thread.start,
            ThreadPoolExecutor.submit,
            *(pool.get(name) for name in ("apply_async", "imap")),
        ]

    before = now()
    with traced_job(settings=SETTINGS), traced_job(settings=SETTINGS):
        assert all(one is not other for one, other in zip(before, now(), strict=True))
    assert now() == before


def test_somebody_elses_patch_stays(exported: Spans, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    with traced_job(settings=SETTINGS) as job, job.step("outer"):
        ours = threading.Thread.start

        def start(self: threading.Thread) -> None:
            started.append(self.name)
            ours(self)

        monkeypatch.setattr(threading.Thread, "start", start)
        run(threading.Thread(target=work, name="inside"))
    assert threading.Thread.start is start
    run(threading.Thread(target=work, name="behind"))
    assert [name for name in started if not name.startswith("xray-")] == ["inside", "behind"]
    assert parents(exported) == {"outer": "job", "inner": "outer"}


def test_a_thread_keeps_nothing_of_the_step(exported: Spans) -> None:
    with traced_job(settings=SETTINGS) as job, ThreadPoolExecutor(1) as pool:
        with job.step("outer") as outer:
            over = RunsItself()
            run(over)
            pool.submit(work, "pooled").result(WAIT_S)
        ended = weakref.ref(outer)
        del outer
        gc.collect()
        assert vars(over).keys().isdisjoint({"run", "_otel_context"})
        assert ended() is None


def test_a_thread_that_cannot_start_is_as_it_was(exported: Spans) -> None:
    with traced_job(settings=SETTINGS) as job, job.step("outer"):
        thread = threading.Thread(target=work)
        run(thread)
        with pytest.raises(RuntimeError, match="once"):
            thread.start()
        assert "run" not in vars(thread)
        broken = RunsItself.__new__(RunsItself)
        with pytest.raises(RuntimeError, match="not called"):
            broken.start()


def test_an_exception_of_the_thread_is_the_users(exported: Spans) -> None:
    def fail() -> None:
        raise KeyError("mine")

    with traced_job(settings=SETTINGS) as job, job.step("outer"), ThreadPoolExecutor(1) as pool:
        assert isinstance(pool.submit(fail).exception(WAIT_S), KeyError)
        work()
    assert parents(exported) == {"outer": "job", "inner": "outer"}


def fork_work(name: str) -> int:
    with step(name) as own:
        own.annotate(town=name)
        work(f"inside {name}")
    return os.getpid()


def fork_fail(name: str) -> None:
    with step(name):
        raise ValueError(f"no such town: {name}")


def test_steps_of_forked_workers_come_home(exported: Spans, tmp_path: Path) -> None:
    with traced_job(settings=SETTINGS) as job:
        with job.step("Processes"):
            with FORK.Pool(2) as pool:
                assert os.getpid() not in pool.map(fork_work, ["a", "b"])
            with ProcessPoolExecutor(1, mp_context=FORK) as executor:
                assert isinstance(executor.submit(fork_fail, "c").exception(WAIT_S), ValueError)
        work("after")
    spans = {span.name: span for span in exported}
    assert parents(exported) == {
        "Processes": "job",
        "a": "Processes",
        "inside a": "a",
        "b": "Processes",
        "inside b": "b",
        "c": "Processes",
        "after": "job",
    }
    assert dict(spans["a"].attributes or {}) == {"town": "a", "aws.xray.annotations": ("town",)}
    (event,) = spans["c"].events
    assert (event.attributes or {})["exception.message"] == "no such town: c"
    assert spans["job"].attributes is not None
    assert spans["job"].attributes["xray.spans.made"] == len(exported)
    assert not list(tmp_path.glob("xray-steps-*"))


def test_a_worker_that_is_killed_leaves_its_step_unfinished(exported: Spans) -> None:
    def die() -> None:
        with step("killed"):
            os.kill(os.getpid(), signal.SIGKILL)

    with traced_job(settings=SETTINGS) as job, job.step("outer"):
        process = FORK.Process(target=die)
        process.start()
        process.join(WAIT_S)
    spans = {span.name: span for span in exported}
    assert parents(exported) == {"outer": "job", "killed": "outer"}
    assert dict(spans["killed"].attributes or {}) == {forked_steps.UNFINISHED: True}
    assert spans["killed"].end_time == spans["job"].end_time


def test_steps_for_which_there_is_no_room_are_counted(
    exported: Spans, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forked_steps, "_MAX_BYTES", 0)
    with traced_job(settings=SETTINGS), FORK.Pool(1) as pool:
        pool.map(fork_work, ["a"])
    (job,) = exported
    assert (job.attributes or {})["xray.steps.forked.left_out"] == 2


def test_a_child_that_leaves_the_job_sends_nothing(exported: Spans) -> None:
    with traced_job(settings=SETTINGS), step("outer"):
        child = os.fork()
        if child == 0:
            with contextlib.suppress(BaseException), step("of the child"):
                assert current_job() is not None
            os._exit(0)
        os.waitpid(child, 0)
    assert parents(exported) == {"outer": "job", "of the child": "outer"}
