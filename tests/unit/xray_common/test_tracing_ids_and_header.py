# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import time

import pytest

from xray_common.ids import is_span_id, new_trace_id, trace_id_from_int, trace_id_to_int
from xray_common.trace_header import TraceHeader, parse_trace_header

ROOT = "1-5759e988-bd862e3fe1be46a994272793"
W3C = 0x5759E988BD862E3FE1BE46A994272793
PARENT = "53995c3f42cd8ad8"


def test_trace_ids_keep_their_bits_in_both_directions() -> None:
    assert trace_id_to_int(ROOT) == W3C
    assert trace_id_from_int(W3C) == ROOT
    assert trace_id_from_int(1) == "1-00000000-000000000000000000000001"


def test_a_text_that_is_no_trace_id_is_named() -> None:
    with pytest.raises(ValueError, match="'1-abc' is not an X-Ray trace id"):
        trace_id_to_int("1-abc")


def test_a_new_trace_id_starts_with_the_time() -> None:
    before = int(time.time())
    made = trace_id_from_int(new_trace_id())
    assert before <= int(made[2:10], 16) <= int(time.time())
    assert made != trace_id_from_int(new_trace_id())


@pytest.mark.parametrize(
    "text", ["", "53995c3f42cd8ad", "0000000000000000", "53995c3f42cd8adg", PARENT + "0"]
)
def test_what_is_no_segment_id(text: str) -> None:
    assert not is_span_id(text)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (
            f"Root={ROOT};Parent={PARENT};Sampled=1",
            TraceHeader(trace_id=ROOT, parent_id=PARENT, sampled=True),
        ),
        (
            f"Root={ROOT};Parent={PARENT};Sampled=0",
            TraceHeader(trace_id=ROOT, parent_id=PARENT, sampled=False),
        ),
        (f"Root={ROOT};Parent={PARENT};Sampled=?", TraceHeader(trace_id=ROOT, parent_id=PARENT)),
        (f"Root={ROOT}", TraceHeader(trace_id=ROOT)),
        (f" parent = {PARENT} ; ROOT = {ROOT.upper()} ", TraceHeader(trace_id=ROOT, parent_id=PARENT)),
        (f"Self=1-00000000-0;Root={ROOT};Lineage=a:1;Custom=x=y", TraceHeader(trace_id=ROOT)),
        (f"Root={ROOT};Parent=nonsense;Sampled=1", TraceHeader(trace_id=ROOT, sampled=True)),
        (f"Root={ROOT};Parent={'0' * 16}", TraceHeader(trace_id=ROOT)),
        (f"Root={ROOT};Parent={PARENT};Data={'x' * 4000}", TraceHeader(trace_id=ROOT, parent_id=PARENT)),
        (f"Data={'x' * 4000};Root={ROOT};Parent={PARENT}", TraceHeader(trace_id=ROOT, parent_id=PARENT)),
    ],
)
def test_headers_that_can_be_read(header: str, expected: TraceHeader) -> None:
    assert parse_trace_header(header) == expected


@pytest.mark.parametrize(
    "header",
    [None, "", ";;;", "nonsense", "Root=", "Root=1-5759e988", "Root=2-5759e988-bd862e3fe1be46a994272793",
     "Root=1-00000000-000000000000000000000000", f"Root={ROOT}0", f"Parent={PARENT};Sampled=1",
     "x" * 100_000, f"{'x' * 100_000};Root={ROOT}"],
)  # fmt: skip
def test_headers_that_cannot_be_read(header: str | None) -> None:
    assert parse_trace_header(header) is None


def test_a_header_is_written_the_way_it_is_read() -> None:
    header = TraceHeader(trace_id=ROOT, parent_id=PARENT, sampled=True)
    assert str(header) == f"Root={ROOT};Parent={PARENT};Sampled=1"
    assert parse_trace_header(str(header)) == header
    assert len(str(header)) < 256


@pytest.mark.parametrize(
    ("sampled", "written", "recorded"),
    [(True, ";Sampled=1", True), (False, ";Sampled=0", False), (None, "", True)],
)
def test_without_a_decision_a_header_carries_none_and_is_recorded(
    sampled: bool | None, written: str, recorded: bool
) -> None:
    header = TraceHeader(trace_id=ROOT, sampled=sampled)
    assert str(header) == f"Root={ROOT}{written}"
    assert parse_trace_header(str(header)) == header
    assert header.is_recorded is recorded
