# SPDX-License-Identifier: Apache-2.0
"""What it costs the JVM that Spark knows of steps, call by call; ``tests/spark`` has it with a Spark."""

from __future__ import annotations

import collections
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan

from xray_helper import Job, Settings, traced_job
from xray_helper.context.threads import RETURNED
from xray_helper.error_boundary import ErrorBoundary
from xray_helper.observers import StepHandle
from xray_helper.spark.session.step_index import StepIndex
from xray_helper.spark.session.step_tagger import StepTagger

SETTINGS = Settings(job_name="job", otlp_endpoint="http://127.0.0.1:9", parent_deadline_s=0.1)
WORDS, GROUP, TAGS = "spark.job.description", "spark.jobGroup.id", "spark.job.tags"
PER_TAG = 7  # calls that tag a thread and take the tag away


class Connection:
    """A thread of the JVM with its local properties; speaks py4j's protocol."""

    socket = True

    def __init__(self, calls: list[str]) -> None:
        self.calls, self.properties = calls, dict[str, str | None]()

    def send_command(self, command: str) -> str:
        _, _, method, *arguments, _, _ = command.split("\n")
        self.calls.append(method)
        key, *values = [text[1:] if text.startswith("s") else None for text in arguments]
        tags = [tag for tag in (self.properties.get(TAGS) or "").split(",") if tag]
        if method == "getLocalProperty":
            found = self.properties.get(str(key))
            return "yn" if found is None else f"ys{found}"
        if method == "setLocalProperty":
            self.properties[str(key)] = values[0]
        elif method == "addJobTag":
            self.properties[TAGS] = ",".join({*tags, str(key)})
        else:
            self.properties[TAGS] = ",".join(tag for tag in tags if tag != key) or None
        return "yv"


class Client:
    """As much of py4j's client as takes connections; each Python thread has one."""

    converters: tuple[()] = ()
    gateway_property = SimpleNamespace(pool=None)

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.deque: collections.deque[Connection] = collections.deque()
        self._local = threading.local()

    def get_thread_connection(self) -> Connection | None:
        return getattr(self._local, "connection", None)

    def _get_connection(self) -> Connection:
        self._local.connection = self.get_thread_connection() or Connection(self.calls)
        found: Connection = self._local.connection
        return found

    def _give_back_connection(self, connection: Connection) -> None:
        pass

    def use(self) -> dict[str, str | None]:
        """Call the JVM; return the properties of the thread that it runs in."""
        properties = self._get_connection().properties
        return {key: value for key, value in properties.items() if value is not None}


class Observer:
    """Tags steps, and nothing else."""

    def __init__(self, tagger: StepTagger) -> None:
        self.tagger = tagger

    def step_started(self, step: StepHandle) -> None:
        with self.tagger.own_calls():
            self.tagger.enter(step)

    def step_ended(self, step: StepHandle, error: BaseException | None) -> None:
        with self.tagger.own_calls():
            self.tagger.leave(step)

    def job_ended(self) -> None:
        self.tagger.stop()


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture(params=[True, False], ids=["with job tags", "without"])
def has_tags(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def job(
    client: Client, has_tags: bool, exported: list[ReadableSpan], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Job]:
    """A job whose steps are tagged on connections of the client; it has no fault."""
    context: Any = SimpleNamespace(
        _gateway=SimpleNamespace(_gateway_client=client), _jsc=SimpleNamespace(_target_id="o1")
    )
    if has_tags:
        context.addJobTag = None
    tagger = StepTagger(context, index=StepIndex(), errors=ErrorBoundary())
    observer = Observer(tagger)
    monkeypatch.setattr("xray_helper.session.load_observer", lambda observation: observer)
    with traced_job(settings=SETTINGS) as traced:
        tagger.start()
        yield traced
    assert traced.telemetry_faults == tagger._errors.faults == 0
    assert "_get_connection" not in vars(client)
    assert RETURNED == []


def test_a_step_without_spark_costs_no_call(client: Client, job: Job) -> None:
    for _ in range(100):
        with job.step("Plain"), job.step("Inner"):
            pass
    assert client.calls == []


def test_many_actions_of_a_step_cost_as_much_as_one(client: Client, job: Job, has_tags: bool) -> None:
    with job.step("Read"):
        for _ in range(100):
            client.use()
    assert len(client.calls) == (PER_TAG if has_tags else 11)


def test_threads_are_tagged_when_they_call_and_never_else(client: Client, job: Job) -> None:
    seen: list[dict[str, str | None]] = []
    with job.step("Read"):
        for target in (lambda: seen.append(client.use()), lambda: None):
            thread = threading.Thread(target=target)
            thread.start()
            thread.join()
    assert [found[WORDS] for found in seen] == ["Read (step 1)"]
    assert client.use() == {}


def test_the_innermost_step_counts_and_nothing_is_left(client: Client, job: Job, has_tags: bool) -> None:
    with job.step("Outer"):
        outer = client.use()
        with job.step("Inner"):
            inner = client.use()
        again = client.use()
    mark = TAGS if has_tags else GROUP
    assert (outer[WORDS], inner[WORDS], again) == ("Outer (step 1)", "Inner (step 2)", outer)
    assert str(outer[mark]).endswith("-1")
    assert str(inner[mark]).endswith("-2")
    assert (GROUP in outer) is not has_tags
    assert client.use() == {}


def test_what_the_user_has_set_stays(client: Client, job: Job, has_tags: bool) -> None:
    properties = client._get_connection().properties
    mine = {WORDS: "my words", GROUP: "mine", "spark.scheduler.pool": "fast"} | (
        {TAGS: "etl"} if has_tags else {}
    )
    properties.update(mine)
    with job.step("Read"):
        inside = client.use()
        kept = inside.keys() - {TAGS, WORDS, "xray.step"}
        assert {key: inside[key] for key in kept} == {key: mine[key] for key in kept}
        assert inside[WORDS] == ("my words" if has_tags else "my words (Read, step 1)")
    assert client.use() == mine
    with job.step("Change"):
        client.use()
        properties.update({WORDS: "changed", GROUP: "other"})
    assert client.use() == mine | {WORDS: "changed", GROUP: "other"}


def test_a_step_left_in_another_thread_is_left(client: Client, job: Job) -> None:
    step = job.step("Moved")
    step.__enter__()
    assert WORDS in client.use()
    thread = threading.Thread(target=step.__exit__, args=(None, None, None))
    thread.start()
    thread.join()
    assert client.use() == {}
