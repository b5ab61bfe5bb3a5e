# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from itertools import combinations

from tests.unit.trace_viewer.documents import as_trace, doc, fails
from trace_viewer import Trace, build, render_html
from trace_viewer.rendering.page.map.build import build_map
from trace_viewer.rendering.page.map.layout import WIDTH, place
from trace_viewer.rendering.page.map.services import ServiceMap


def edges(service_map: ServiceMap) -> list[tuple[str, str, str, int | None]]:
    return [(edge.source.name, edge.target.name, edge.label, edge.rows) for edge in service_map.edges]


def test_the_map_of_the_recorded_pipeline(pipeline: Trace) -> None:
    service_map = build_map(pipeline.tree)
    assert [(service.name, service.kind) for service in service_map.services if not service.is_data] == [
        ("start-pipeline", "Lambda Function"),
        ("Pipeline", "StepFunctions StateMachine"),
        ("clean", "Glue"),
        ("process", "Glue"),
    ]
    assert edges(service_map) == [
        ("start-pipeline", "Pipeline", "StartExecution", None),
        ("Pipeline", "clean", "StartJobRun", None),
        ("Pipeline", "process", "StartJobRun", None),
        ("4,002 rows read", "clean", "", 4002),
        ("clean", "320 rows rejected", "", 320),
        ("clean", "process", "3,682 rows", 3682),
    ]
    rejected = next(service for service in service_map.services if service.name == "320 rows rejected")
    assert rejected.lines[:2] == ["102 minimum_nights_out_of_range", "92 missing_construction_year"]
    assert len(rejected.lines) == 9


def test_attempts_are_runs_of_one_service(failed: Trace) -> None:
    process = next(service for service in build_map(failed.tree).services if service.name == "process")
    assert (len(process.runs), process.failed_runs) == (2, 2)


def test_rows_that_got_lost_between_two_jobs_are_shown() -> None:
    tree = build([
        doc("flow", 0, 9), doc("one", 1, 2, "flow", annotations={"rows_clean": 10}),
        doc("two", 3, 4, "flow", annotations={"rows_read": 8}),
    ])  # fmt: skip
    (edge,) = (edge for edge in build_map(tree).edges if edge.rows is not None)
    assert (edge.label, edge.mismatch) == ("10 → 8 rows", True)


def test_a_follower_that_only_counts_clean_rows_reads_them() -> None:
    one = doc("one", 1, 2, "flow", annotations={"rows_read": 11, "rows_clean": 5, "rows_duplicate": 1})
    tree = build([doc("flow", 0, 9), one, doc("two", 3, 4, "flow", annotations={"rows_clean": 5})])
    assert [edge for edge in edges(build_map(tree)) if edge[3] is not None] == [
        ("11 rows read", "one", "", 11),
        ("one", "1 row duplicate", "", 1),
        ("one", "two", "5 rows", 5),
    ]


def test_the_two_segments_of_a_lambda_function_are_one_run() -> None:
    # Given an outer segment that ends at once, and the function's own, which fails later
    inner = doc(
        "hello", 0.5, 3, "outer", id="inner", origin="AWS::Lambda::Function", **fails("ValueError", "no")
    )
    tree = build([doc("hello", 0, 0.1, id="outer", origin="AWS::Lambda"), inner])
    (service,) = build_map(tree).services
    (run,) = service.runs
    assert (service.kind, run.duration, run.status, service.failed_runs) == ("Lambda Function", 3, "fault", 1)


def test_clean_rows_that_nobody_reads_leave_the_flow() -> None:
    tree = build([doc("job", 0, 9, annotations={"rows_read": 5, "rows_clean": 3, "rows_duplicate": 2})])
    assert edges(build_map(tree)) == [
        ("5 rows read", "job", "", 5),
        ("job", "3 rows clean", "", 3),
        ("job", "2 rows duplicate", "", 2),
    ]


def test_remote_calls_without_a_segment_are_services() -> None:
    calls = [
        doc("S3", 1, 2, namespace="aws", aws={"operation": "GetObject"}),
        doc("example.com", 2, 3, namespace="remote"),
        doc("local work", 3, 4),
    ]
    tree = build([doc("web", 0, 9, subsegments=calls)])
    assert edges(build_map(tree)) == [("web", "S3", "GetObject", None), ("web", "example.com", "", None)]


def test_services_that_call_each_other_in_a_circle_can_be_placed() -> None:
    tree = build([doc("a", 0, 9), doc("b", 1, 8, "a"), doc("a", 2, 7, "b", id="a2"), doc("c", 3, 4, "a2")])
    service_map = build_map(tree)
    assert edges(service_map) == [("a", "b", "", None), ("b", "a", "", None), ("a", "c", "", None)]
    assert len(place(service_map).boxes) == 3


def test_boxes_flow_to_the_right_and_never_overlap(pipeline: Trace, failed: Trace, large: Trace) -> None:
    for trace in (pipeline, failed, large):
        layout = place(build_map(trace.tree))
        for edge, _, _, _ in layout.edges:
            x = {id(box.service): box.x for box in layout.boxes}
            assert x[id(edge.source)] < x[id(edge.target)]
        for one, other in combinations(layout.boxes, 2):
            apart = (
                abs(one.x - other.x) >= WIDTH
                or one.y + one.height <= other.y
                or other.y + other.height <= one.y
            )
            assert apart, (one, other)
        assert all(box.y >= 0 and box.y + box.height <= layout.height for box in layout.boxes)


def test_several_operations_of_one_service_are_not_told_as_one() -> None:
    calls = [
        doc("DynamoDB", n, n + 0.5, id=f"c{n}", namespace="aws", aws={"operation": operation}, fault=n == 2)
        for n, operation in enumerate(["GetItem", "PutItem", "Query"])
    ]
    page = render_html(as_trace(doc("web", 0, 9, subsegments=calls)))
    assert ">3 operations ×3<" in page  # noqa: RUF001 meant
    assert "<title>web → DynamoDB, GetItem, PutItem, Query, 3 calls</title>" in page
    assert ">1 of 3 calls failed<" in page


def test_calls_that_were_added_up_are_counted_as_calls() -> None:
    added = {"default": {"aws.calls": 1_999, "aws.calls.max_ms": 20.0}}
    calls = [
        doc("S3", 1, 2, namespace="aws", aws={"operation": "GetObject"}, metadata=added),
        doc("S3", 2, 2.5, id="bad", namespace="aws", aws={"operation": "GetObject"}, fault=True),
    ]
    service_map = build_map(build([doc("job", 0, 9, subsegments=calls)]))
    store = service_map.services[1]
    assert (store.failed_runs, store.all_runs, store.word) == (1, 2_000, "calls")
    assert store.took == "750ms, max 1.00s"
    assert [edge.calls for edge in service_map.edges] == [2_000]


def test_a_retry_that_went_well_is_not_red() -> None:
    tries = [
        doc("load", 1, 2, id="one", parent="flow", **fails("E", "no")),
        doc("load", 3, 4, "flow", id="two"),
    ]
    trace = as_trace(doc("flow", 0, 9), *tries)
    page = render_html(trace)
    assert "1 of 2 attempts failed" in page
    assert 'class="service ok partly"' in page and 'class="service fault' not in page


def test_one_operation_keeps_its_name() -> None:
    calls = [
        doc("DynamoDB", n, n + 0.5, id=f"c{n}", namespace="aws", aws={"operation": "Query"}) for n in range(2)
    ]
    assert ">Query ×2<" in render_html(as_trace(doc("web", 0, 9, subsegments=calls)))  # noqa: RUF001 meant
