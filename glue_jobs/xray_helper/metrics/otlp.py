# SPDX-License-Identifier: Apache-2.0
"""One OTLP request with all metrics of a job, at its end, in the time that is left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from xray_helper.error_boundary import LOGGER, run_bounded
from xray_helper.hidden_packages import OTLP, require
from xray_helper.metrics.job_metrics import Metrics

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricsData

_METRICS_PATH: Final = "/v1/metrics"
_LEAST_S: Final = 0.2  # with less, nothing is tried
_EXPORTER_SHARE: Final = 0.8  # of the time, so that as a rule it ends by itself and can say why


def finish_metrics(metrics: Metrics, *, start_ns: int, end_ns: int, failed: bool, deadline: float) -> None:
    """Measure the job itself, then send all metrics. Never raises.

    Parameters
    ----------
    metrics
        Those of one job; afterwards there is nothing left in them.
    start_ns, end_ns
        Of the job, nanoseconds since the epoch.
    failed
        Whether the job did.
    deadline
        Monotonic seconds. What is not sent then is lost, and a warning says so.
    """
    metrics.job_over(start_ns=start_ns, end_ns=end_ns, failed=failed)
    outcome = ["no time was left for them"]

    def work() -> None:
        try:
            data = metrics.collect()
            outcome[0] = _export(data, str(metrics.endpoint), seconds * _EXPORTER_SHARE) if data else ""
        except Exception as error:
            outcome[0] = f"{type(error).__name__}: {error}"

    seconds = deadline - time.monotonic()
    if seconds >= _LEAST_S and run_bounded(work, seconds=seconds, name="xray-metrics") == "late":
        outcome = [f"the collector {metrics.endpoint} gave no answer within {seconds:.1f} s"]
    if outcome[0]:
        LOGGER.warning("The metrics of this job are lost: %s", outcome[0])


def _export(data: MetricsData, endpoint: str, seconds: float) -> str:
    """Send; return what went wrong."""
    require(*OTLP)
    import requests
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics.export import MetricExportResult

    replies: list[requests.Response] = []
    session = requests.Session()
    session.hooks["response"].append(lambda reply, **_: replies.append(reply))
    url = endpoint.rstrip("/").removesuffix("/v1/traces") + _METRICS_PATH
    exporter = OTLPMetricExporter(endpoint=url, timeout=seconds, session=session)
    try:
        result = exporter.export(data, timeout_millis=seconds * 1000)
    finally:
        session.close()
    if result is MetricExportResult.SUCCESS:
        return ""
    return f"the collector {endpoint} " + (
        f"answered {replies[-1].status_code}" if replies else "gave no answer"
    )
