# SPDX-License-Identifier: Apache-2.0
"""Documents for the tests: short to write, and whole traces from data/."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.trace_viewer.documents import as_trace, doc, fails
from trace_viewer import Trace, load

DATA = Path(__file__).parent / "data"


@pytest.fixture
def pipeline() -> Trace:
    """A run that succeeded: Lambda, Step Functions, two Glue jobs with steps and Spark stages."""
    return load(DATA / "pipeline.json")


@pytest.fixture
def failed() -> Trace:
    """A run whose second job failed twice in its last step."""
    return load(DATA / "pipeline_failed.json")


@pytest.fixture
def data() -> Path:
    return DATA


@pytest.fixture
def hostile() -> Trace:
    """A trace that tries to break out of a terminal, of HTML, of JSON in HTML, of SVG and of an attribute."""
    attack = (
        "</script><script>window.pwned=1</script><img src=x onerror=window.pwned=1>\"'--><svg onload=pwned=1>"
    )
    return as_trace(
        doc(
            f"web {attack}\x1b[31m\u202e",
            0.0,
            2.0,
            id="1234567890abcdef",
            origin=f"AWS::{attack}",
            annotations={attack: attack, "rows_read": 3, "rejected_by_reason.<b>": 1},
            metadata={attack: {attack: {"deep": [attack]}}, "default": {"nan": float("nan"), "big": 2**60}},
            aws={"operation": attack},
        ),
        doc(
            f"call {attack}",
            0.5,
            1.0,
            "1234567890abcdef",
            id=f"x{attack}",
            namespace="remote",
            **fails(attack, attack),
        ),
        doc("lone \ud800 surrogate", 1.0, 1.5, "no such parent " + attack, id="2"),
    )


@pytest.fixture
def large() -> Trace:
    """5,000 spans: 50 segments of 99 subsegments below one root, one of them failing."""
    root = doc("batch", 0.0, 500.0, id="root")
    segments = [doc(f"worker {number}", number * 10.0, number * 10.0 + 9.9, "root") for number in range(50)]
    for number, segment in enumerate(segments):
        segment["subsegments"] = [
            {
                "id": f"{number}-{query}",
                "name": f"query {query}",
                "start_time": number * 10 + query / 10,
                "end_time": number * 10 + query / 10 + 0.09,
                "annotations": {"shard": number},
                "metadata": {
                    "default": {"statement": f"query {query} of shard_{number}", "bytes": query * 1024}
                },
            }
            for query in range(99)
        ]
    root["fault"] = segments[40]["fault"] = True
    segments[40]["subsegments"][50] |= fails("TimeoutError", "shard 40 timed out")
    segments[-1]["subsegments"].pop()  # 1 + 50 + 50 * 99 = 5,001
    return as_trace(root, *segments)
