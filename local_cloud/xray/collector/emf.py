# SPDX-License-Identifier: Apache-2.0
"""OTLP metrics as CloudWatch's embedded metric format, in the meaning of the collector's awsemf exporter.

One line for all metrics of one kind with the same tags; every tag and the meter's name (``OTelLib``) is a
dimension. Sums come as deltas: of a cumulative one, the exporter drops the first value, so that nothing would
be left of a job that sends once. Source: awsemfexporter 0.156.0, datapoint.go, grouped_metric.go,
metric_translator.go; the tests hold these lines against those of the real exporter.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Metric

from local_cloud.xray.collector import otlp

_log = logging.getLogger(__name__)
_NS_PER_MS = 1_000_000
# What the exporter makes of OpenTelemetry's units; others go on as they are.
_UNITS = {
    "1": "",
    "ns": "",
    "ms": "Milliseconds",
    "s": "Seconds",
    "us": "Microseconds",
    "By": "Bytes",
    "bit": "Bits",
}

Line = dict[str, Any]


def parse(body: bytes, content_type: str) -> ExportMetricsServiceRequest:
    """Read a request.

    Raises
    ------
    MalformedRequestError
        The body cannot be read.
    """
    return otlp.parse(body, content_type, ExportMetricsServiceRequest())


def lines(request: ExportMetricsServiceRequest, *, namespace: str) -> list[Line]:
    """Translate a request into the lines that the exporter writes, in the order of their first metric."""
    grouped: dict[tuple[str | None, int, frozenset[tuple[str, str]]], Line] = {}
    for group in request.resource_metrics:
        for scoped in group.scope_metrics:
            for metric in scoped.metrics:
                for time_ms, tags, value in _points(metric):
                    if scoped.scope.name:
                        tags["OTelLib"] = scoped.scope.name
                    key = (metric.WhichOneof("data"), time_ms, frozenset(tags.items()))
                    line = grouped.setdefault(key, _line(namespace, time_ms, tags))
                    _add(line, metric, value)
    return list(grouped.values())


def _line(namespace: str, time_ms: int, tags: dict[str, str]) -> Line:
    directive = {"Namespace": namespace, "Dimensions": [list(tags)], "Metrics": []}
    return {**tags, "Version": "1", "_aws": {"CloudWatchMetrics": [directive], "Timestamp": time_ms}}


def _add(line: Line, metric: Metric, value: Any) -> None:
    described = {"Name": metric.name, "Unit": _UNITS.get(metric.unit, metric.unit), "StorageResolution": 60}
    line["_aws"]["CloudWatchMetrics"][0]["Metrics"].append(described)
    line[metric.name] = value


def _points(metric: Metric) -> Iterator[tuple[int, dict[str, str], Any]]:
    kind = metric.WhichOneof("data")
    if kind == "histogram":
        for point in metric.histogram.data_points:
            stats = {"Max": point.max, "Min": point.min, "Count": point.count, "Sum": point.sum}
            yield point.time_unix_nano // _NS_PER_MS, _tags(point.attributes), stats
        return
    if (
        kind == "sum"
        and metric.sum.aggregation_temporality != AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
    ):
        _log.warning("Collector: the first value of the cumulative sum %s is dropped.", metric.name)
        return
    for point in getattr(metric, kind).data_points if kind in ("sum", "gauge") else ():
        value = point.as_int if point.WhichOneof("value") == "as_int" else point.as_double
        yield point.time_unix_nano // _NS_PER_MS, _tags(point.attributes), value


def _tags(pairs: Iterable[Any]) -> dict[str, str]:
    return {pair.key: _text(pair.value) for pair in pairs}


def _text(value: Any) -> str:
    kind = value.WhichOneof("value")
    if kind == "bool_value":
        return "true" if value.bool_value else "false"
    return str(getattr(value, kind)) if kind else ""


def text(line: Line) -> str:
    """Write a line as the exporter does."""
    return json.dumps(line, separators=(",", ":"))
