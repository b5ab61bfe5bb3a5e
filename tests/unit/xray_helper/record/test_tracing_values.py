# SPDX-License-Identifier: Apache-2.0
"""Values that OTLP, JSON or X-Ray have no place for arrive all the same, and whichever way the same."""

from __future__ import annotations

import enum
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from xray_helper import Settings, traced_job
from xray_helper.translate.segments import segment_document


class Size(enum.IntEnum):
    HUGE = 2**80


VALUES: dict[str, tuple[Any, Any]] = {
    "largest": (2**63 - 1, 2**63 - 1),
    "least": (-(2**63), -(2**63)),
    "beyond": (2**63, "9223372036854775808"),
    "below": (-(2**63) - 1, "-9223372036854775809"),
    "of a hash": (2**256, str(2**256)),
    "list": ([1, 2**63], ["1", "9223372036854775808"]),
    "enum": (Size.HUGE, str(Size.HUGE)),
    "bool": (True, True),
    "nan": (float("nan"), "nan"),
    "half": ("a\ud800b", "a?b"),
}


def _value(any_value: Any) -> Any:
    kind = any_value.WhichOneof("value")
    value = getattr(any_value, kind)
    return [_value(item) for item in value.values] if kind == "array_value" else value


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_the_same_on_both_ways_and_in_the_file(
    name: str, collector: Any, xray: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    given, expected = VALUES[name]
    for endpoint in (collector.url, None):
        settings = Settings(otlp_endpoint=endpoint, spans_uri=str(tmp_path))
        with caplog.at_level(logging.WARNING), traced_job(settings=settings) as job, job.step("s") as step:
            step.set_attribute("set", given)
            step.annotate(annotated=given)
            step.span.set_attribute("theirs", given)
            job.add_span("raw", start_time_ns=1, end_time_ns=2, attributes={"raw": given})
            step.span.add_event("e", {"v": given})
    assert caplog.records == []
    sent = {item.key: _value(item.value) for span in collector.spans() for item in span.attributes}
    put = {document["name"]: document for document in xray.documents}
    metadata = put["s"]["metadata"]["default"]
    annotated = put["s"].get("annotations", metadata)["annotated"]
    assert [sent[key] for key in ("set", "annotated", "theirs", "raw")] == [expected] * 4
    assert [metadata["set"], annotated, metadata["theirs"]] == [expected] * 3
    assert put["raw"]["metadata"]["default"]["raw"] == expected
    for file in tmp_path.glob("*.otlp.jsonl"):
        scopes = json.loads(file.read_text())["resourceSpans"][0]["scopeSpans"]
        keys = {item["key"] for scope in scopes for span in scope["spans"] for item in span["attributes"]}
        assert {"set", "annotated", "theirs", "raw"} <= keys


@pytest.mark.parametrize("value", [[1, "a"], [2, 3], ("a",), [[1], [2]], range(2), []])
def test_a_list_is_no_annotation_but_it_is_kept_and_counted(value: Any, exported: list[Any]) -> None:
    with traced_job(settings=Settings()) as job:
        job.annotate(x=value, y=1)
    document = segment_document(exported[0])
    assert document["annotations"] == {"job_name": "job", "y": 1}
    metadata = document["metadata"]["default"]
    assert [str(item) for item in metadata["x"]] == [str(item) for item in value]
    assert metadata["xray.annotations.dropped"] == 1


def test_a_metric_beyond_64_bits_costs_no_other(collector: Any) -> None:
    with traced_job(settings=Settings(metrics=True, otlp_endpoint=collector.url)) as job:
        job.metrics.count("hashes", 2**70)
        job.metrics.gauge("last", -(2**70))
    assert "/v1/metrics" in {path for path, _ in collector.requests}
    assert job.telemetry_faults == 0
