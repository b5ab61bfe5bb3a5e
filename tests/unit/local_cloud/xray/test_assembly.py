# SPDX-License-Identifier: Apache-2.0
"""How documents become the segments of a trace."""

from __future__ import annotations

from local_cloud.xray.traces.assembly import assemble, inferred_id, walk

from .samples import TRACE, segment, subsegment


def test_subsegments_sent_alone_are_nested_however_they_arrive() -> None:
    # Given a segment, a child and a grandchild in the wrong order
    grandchild = subsegment("00000000000000c1", "00000000000000b1", name="grandchild")
    child = subsegment("00000000000000b1", "00000000000000a1", name="child", start_time=1000.5)
    # When the trace is put together
    segments = assemble([grandchild, child, segment()])
    # Then one segment holds both, without the fields that only a document of its own needs
    assert segments == [
        segment(
            subsegments=[
                {
                    "id": "00000000000000b1",
                    "name": "child",
                    "start_time": 1000.5,
                    "end_time": 1002.0,
                    "subsegments": [
                        {
                            "id": "00000000000000c1",
                            "name": "grandchild",
                            "start_time": 1000.0,
                            "end_time": 1002.0,
                        }
                    ],
                }
            ]
        )
    ]


def test_a_subsegment_joins_those_that_were_sent_inside_in_order_of_time() -> None:
    inside = {"id": "00000000000000b1", "name": "late", "start_time": 1001.0, "end_time": 1002.0}
    alone = subsegment("00000000000000b2", "00000000000000a1", name="early", start_time=1000.2)
    (whole,) = assemble([segment(subsegments=[inside]), alone])
    assert [child["name"] for child in whole["subsegments"]] == ["early", "late"]


def test_a_subsegment_can_belong_to_one_that_was_sent_inside_a_segment() -> None:
    inside = {"id": "00000000000000b1", "name": "Invocation", "start_time": 1000.0, "end_time": 1002.0}
    (whole,) = assemble([segment(subsegments=[inside]), subsegment("00000000000000c1", "00000000000000b1")])
    assert whole["subsegments"][0]["subsegments"][0]["id"] == "00000000000000c1"


def test_a_subsegment_whose_parent_has_not_arrived_is_shown_alone() -> None:
    orphan = subsegment("00000000000000b1", "00000000000000ff")
    assert assemble([segment(), orphan]) == [segment(), orphan]


def test_subsegments_that_name_each_other_do_not_vanish() -> None:
    first = subsegment("00000000000000b1", "00000000000000b2")
    second = subsegment("00000000000000b2", "00000000000000b1")
    shown = [entity["id"] for whole in assemble([first, second]) for entity in walk(whole)]
    assert sorted(shown) == ["00000000000000b1", "00000000000000b2"]


def test_a_call_to_a_service_that_sends_nothing_gets_an_inferred_segment() -> None:
    # Given a state machine whose state calls Glue
    call = {
        "id": "00000000000000c1",
        "name": "Glue",
        "namespace": "aws",
        "start_time": 1000.1,
        "end_time": 1000.2,
        "http": {"response": {"status": 200}},
        "aws": {"operation": "StartJobRun", "request_id": "r-1"},
    }
    state = {"id": "00000000000000b1", "name": "Clean Data", "start_time": 1000.0, "in_progress": True}
    machine = segment(subsegments=[{**state, "subsegments": [call]}])
    # When the trace is read
    inferred = assemble([machine])[1]
    # Then the service is there, below the call, with the call's request id
    assert inferred == {
        "id": inferred_id(TRACE, "00000000000000c1"),
        "name": "Glue",
        "start_time": 1000.1,
        "trace_id": TRACE,
        "end_time": 1000.2,
        "parent_id": "00000000000000c1",
        "inferred": True,
        "http": {"response": {"status": 200}},
        "aws": {"operation": "StartJobRun", "request_id": "r-1"},
        "origin": "AWS::Glue",
    }
    assert assemble([machine])[1]["id"] == inferred["id"]


def test_the_origin_of_an_inferred_segment_is_that_of_the_resource() -> None:
    for name, origin in {
        "DynamoDB": "AWS::DynamoDB::Table",
        "s3": "AWS::S3",
        "SNS": "AWS::SNS",
        "Kinesis": "AWS::Kinesis",
    }.items():
        call = subsegment("00000000000000b1", "00000000000000a1", name=name, namespace="aws")
        assert assemble([segment(), call])[1]["origin"] == origin


def test_a_call_out_of_aws_is_inferred_without_origin_and_its_failure_shows() -> None:
    call = subsegment(
        "00000000000000b1", "00000000000000a1", name="example.com", namespace="remote", fault=True
    )
    inferred = assemble([segment(), call])[1]
    assert "origin" not in inferred
    assert inferred["fault"] is True


def test_a_call_that_a_segment_names_as_its_parent_is_not_inferred() -> None:
    call = subsegment("00000000000000b1", "00000000000000a1", name="states", namespace="aws")
    callee = segment("00000000000000d1", parent_id="00000000000000b1", name="machine")
    assert [whole["name"] for whole in assemble([segment(), call, callee])] == ["service", "machine"]


def test_an_inferred_segment_stays_when_something_hangs_below_it() -> None:
    call = subsegment("00000000000000b1", "00000000000000a1", name="Glue", namespace="aws")
    job = segment("00000000000000e1", parent_id=inferred_id(TRACE, "00000000000000b1"), name="clean job")
    callee = segment("00000000000000d1", parent_id="00000000000000b1", name="other")
    names = [whole["name"] for whole in assemble([segment(), call, job, callee])]
    assert sorted(names) == ["Glue", "clean job", "other", "service"]


def test_reading_changes_nothing_that_was_stored() -> None:
    documents = [segment(), subsegment("00000000000000b1", "00000000000000a1")]
    assemble(documents)[0]["name"] = "changed"
    assert documents == [segment(), subsegment("00000000000000b1", "00000000000000a1")]
