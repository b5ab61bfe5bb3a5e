# SPDX-License-Identifier: Apache-2.0
"""CloudWatch's embedded metric format: metrics that CloudWatch reads from log lines, whoever writes them.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from local_cloud.emulator import Response, service, wrap

_STATISTICS = {"Max": "Maximum", "Min": "Minimum", "Count": "SampleCount", "Sum": "Sum"}


def install() -> None:
    """Look at what PutLogEvents takes."""
    wrap(service("cloudwatch_logs"), "_put_log_events", _around)


def metric_data(message: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Give what CloudWatch makes of a log line: (namespace, MetricData of PutMetricData), or nothing.

    Examples
    --------
    >>> list(metric_data("a line like any other"))
    []
    """
    try:
        line = json.loads(message)
    except ValueError:
        return
    envelope = line.get("_aws", {}) if isinstance(line, dict) else {}
    for directive in envelope.get("CloudWatchMetrics", ()):
        for names in directive["Dimensions"]:
            dimensions = [{"Name": name, "Value": line[name]} for name in names]
            yield (
                directive["Namespace"],
                [
                    {
                        "MetricName": metric["Name"],
                        "Dimensions": dimensions,
                        "Timestamp": envelope["Timestamp"] / 1000,
                        "Unit": metric.get("Unit") or "None",  # the awsemf exporter writes an empty one
                        **_value(line[metric["Name"]]),
                    }
                    for metric in directive["Metrics"]
                ],
            )


def _value(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        return {"Value": float(value)}
    return {"StatisticValues": {_STATISTICS[key]: float(number) for key, number in value.items()}}


def _around(original: Callable[..., Response], request: dict[str, Any]) -> Response:
    answer = original(request)
    if answer[0] == 200:
        for event in request["logEvents"]:
            for namespace, data in metric_data(event["message"]):
                wanted = {"Namespace": namespace, "MetricData": data}
                service("cloudwatch")._put_metric_data({}, wanted, False, is_json=True)
    return answer
