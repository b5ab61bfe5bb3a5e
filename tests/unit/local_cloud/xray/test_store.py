# SPDX-License-Identifier: Apache-2.0
"""What the store keeps and what it refuses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from local_cloud.xray.traces.store import TraceStore

from .samples import TRACE, segment, subsegment, texts


def in_progress(**fields: Any) -> dict[str, Any]:
    started = segment(in_progress=True, **fields)
    del started["end_time"]
    return started


def names(store: TraceStore) -> list[str]:
    trace = store.trace(TRACE)
    return [document["name"] for document in trace.segments] if trace else []


def test_a_complete_document_replaces_the_one_in_progress() -> None:
    store = TraceStore()
    store.put(texts(in_progress(name="started")))
    assert names(store) == ["started"]
    store.put(texts(segment(name="done")))
    assert names(store) == ["done"]


def test_nothing_replaces_a_complete_document() -> None:
    store = TraceStore()
    assert store.put(texts(segment(name="done"), in_progress(name="late"), segment(name="again"))) == []
    assert names(store) == ["done"]


def test_an_aws_service_replaces_its_own_complete_segment() -> None:
    store = TraceStore()
    store.put_service_segment(segment(name="answered"))
    store.put_service_segment(segment(name="with an attempt"))
    assert names(store) == ["with an attempt"]


def test_valid_documents_of_a_batch_are_taken_when_others_are_refused() -> None:
    store = TraceStore()
    refused = store.put([*texts(segment()), "{", *texts(segment("00000000000000a2", name="<"))])
    assert [reason.code for reason in refused] == ["JSONFormatError", "InvalidName"]
    assert names(store) == ["service"]


def test_a_trace_takes_500_kb_and_then_says_so() -> None:
    store = TraceStore()
    metadata = {"default": {"text": "x" * 60_000}}
    refused = store.put(texts(*(segment(f"{number:016x}", metadata=metadata) for number in range(1, 10))))
    trace = store.trace(TRACE)
    assert trace is not None and trace.limit_exceeded and len(trace.segments) == 8
    assert [(reason.code, reason.id) for reason in refused] == [("InvalidSegment", "0000000000000009")]
    assert refused[0].message.startswith("Trace Size Exceeded.")


def test_a_trace_with_a_state_machine_takes_100_kb() -> None:
    store = TraceStore()
    machine = segment("00000000000000f1", origin="AWS::StepFunctions::StateMachine")
    metadata = {"default": {"text": "x" * 60_000}}
    refused = store.put(
        texts(machine, segment(metadata=metadata), segment("00000000000000a2", metadata=metadata))
    )
    assert [reason.id for reason in refused] == ["00000000000000a2"]


def test_an_update_counts_once() -> None:
    store = TraceStore()
    for _ in range(20):
        store.put_service_segment(segment(metadata={"default": {"text": "x" * 60_000}}))
    trace = store.trace(TRACE)
    assert trace is not None and not trace.limit_exceeded


def test_readers_get_copies() -> None:
    store = TraceStore()
    store.put(texts(segment()))
    first = store.trace(TRACE)
    assert first is not None
    first.segments[0]["name"] = "changed"
    assert names(store) == ["service"]


def test_the_duration_goes_to_the_last_known_end_of_anything() -> None:
    store = TraceStore()
    late = subsegment("00000000000000b1", "00000000000000a1", start_time=1001.0, end_time=1005.5)
    store.put(texts(segment(), late))
    trace = store.trace(TRACE)
    assert trace is not None and (trace.start, trace.duration) == (1000.0, 5.5)


def test_an_unknown_trace_is_none() -> None:
    assert TraceStore().trace(TRACE) is None


def test_eight_threads_lose_nothing() -> None:
    store = TraceStore()

    def write(thread: int) -> None:
        for number in range(50):
            store.put(texts(segment(f"{thread * 1000 + number:016x}")))
            store.trace(TRACE)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    trace = store.trace(TRACE)
    assert trace is not None and len(trace.segments) == 8 * 50
