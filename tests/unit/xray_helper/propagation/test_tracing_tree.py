# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import time
from collections.abc import Callable

from xray_helper.propagation.trace_tree import Found, ParentSource, TraceTree

Read = Callable[[str], list[str]]


def test_the_inferred_segment_of_the_newest_visit_is_the_parent(trace_documents: Read) -> None:
    found = TraceTree(trace_documents("step_running.json")).find_step("Clean Data", only_running=True)
    assert found == Found("1e57ed0000000002", ParentSource.STEP)


def test_the_order_of_documents_does_not_matter(trace_documents: Read) -> None:
    found = TraceTree(reversed(trace_documents("step_running.json"))).find_step("Clean Data")
    assert found == Found("1e57ed0000000002", ParentSource.STEP)


def test_without_a_segment_of_that_request_the_calls_subsegment_is(trace_documents: Read) -> None:
    documents = [text for text in trace_documents("step_running.json") if "1e57ed0000000002" not in text]
    assert TraceTree(documents).find_step("Clean Data") == Found("53995c3f42cd8a04", ParentSource.SUBSEGMENT)


def test_subsegments_that_come_as_documents_of_their_own_are_put_together(trace_documents: Read) -> None:
    found = TraceTree(trace_documents("step_flat.json")).find_step("Clean Data")
    assert found == Found("53995c3f42cd8a04", ParentSource.SUBSEGMENT)


def test_a_visit_that_is_over_did_not_start_a_job_that_runs(trace_documents: Read) -> None:
    tree = TraceTree(trace_documents("step_flat.json"))
    assert tree.find_step("Clean Data", only_running=True) is None


def test_a_state_whose_call_is_not_to_be_seen_is_the_parent_itself(trace_documents: Read) -> None:
    documents = [text for text in trace_documents("step_flat.json") if json.loads(text)["name"] != "Glue"]
    assert TraceTree(documents).find_step("Clean Data") == Found("53995c3f42cd8a03", ParentSource.STATE)


def test_a_step_of_a_job_with_the_name_of_a_state_is_no_state(trace_documents: Read) -> None:
    job = {"id": "a" * 16, "name": "job", "start_time": 1.0, "parent_id": "1e57ed0000000002"}
    step = {
        "id": "b" * 16,
        "name": "Process Data",
        "start_time": 2.0,
        "type": "subsegment",
        "parent_id": "a" * 16,
    }
    documents = [*trace_documents("step_running.json"), json.dumps(job), json.dumps(step)]
    assert TraceTree(documents).find_step("Process Data") is None


def test_names_are_compared_as_xray_stores_them() -> None:
    machine = {"id": "a" * 16, "name": "m", "origin": "AWS::StepFunctions::StateMachine", "start_time": 1.0}
    machine["subsegments"] = [{"id": "b" * 16, "name": "Clean v2 all", "start_time": 2.0}]
    tree = TraceTree([json.dumps(machine)])
    assert tree.find_step("Clean (v2) 'all'") == Found("b" * 16, ParentSource.STATE)


def test_rubbish_among_the_documents_is_passed_over(trace_documents: Read) -> None:
    loop = [{"id": "c" * 16, "parent_id": "d" * 16, "name": "Clean Data", "type": "subsegment"},
            {"id": "d" * 16, "parent_id": "c" * 16, "name": "x", "type": "subsegment"}]  # fmt: skip
    rubbish = ["", "{", "[]", "null", "{}", '{"id": 7}', '{"id": "e", "subsegments": [1, null]}']
    documents = [*rubbish, *map(json.dumps, loop), *trace_documents("step_running.json")]
    assert TraceTree(documents).find_step("Clean Data") == Found("1e57ed0000000002", ParentSource.STEP)
    assert TraceTree([*rubbish, *map(json.dumps, loop)]).find_step("Clean Data") is None


def test_documents_that_are_none_or_too_deep_cost_no_other(trace_documents: Read) -> None:
    deep = '{"id": "a", "subsegments": [' * 900 + "]}" * 900
    strange = [
        *(deep, "[" * 100_000, "NaN", '{"id": "b", "parent_id": []}', '{"id": "c", "subsegments": 1e999}'),
        *('{"id": 5}', '{"id": "d", "aws": [], "name": {}, "start_time": "now"}', ""),
    ]
    found = TraceTree([*strange, *trace_documents("step_running.json")]).find_step("Clean Data")
    assert found == Found("1e57ed0000000002", ParentSource.STEP)


def test_a_trace_of_thousands_of_segments_below_each_other_is_read_in_time(trace_documents: Read) -> None:
    chain = [json.dumps({"id": f"{n:x}", "parent_id": f"{n - 1:x}", "name": "n"}) for n in range(1, 4_000)]
    started = time.process_time()
    found = TraceTree([*chain, *trace_documents("step_running.json")]).find_step("Clean Data")
    assert found == Found("1e57ed0000000002", ParentSource.STEP)
    assert time.process_time() - started < 2
