# SPDX-License-Identifier: Apache-2.0
"""What a traced job measures about itself: what Spark moved, and what became of the spans."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from xray_common import conventions as names
from xray_helper.metrics.job_metrics import Metrics

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan

SPANS: Final = "job.spans"
BYTES: Final = "job.bytes"
SPILLED: Final = "job.spark.spilled"
SKEW: Final = "job.spark.skew"
_MS_PER_S: Final = 1_000

# Attribute of a stage's span -> metric, name and value of its tag
_SUMS: Final = (
    (names.STAGE_INPUT_BYTES, BYTES, {"direction": "read"}),
    (names.STAGE_OUTPUT_BYTES, BYTES, {"direction": "written"}),
    (names.STAGE_MEMORY_SPILLED_BYTES, SPILLED, {"place": "memory"}),
    (names.STAGE_DISK_SPILLED_BYTES, SPILLED, {"place": "disk"}),
)


def measure_stages(metrics: Metrics, spans: Iterable[ReadableSpan]) -> None:
    """Add up what Spark's stages say; nothing where no stage was seen: a zero would claim a measurement.

    Skew is the longest task's lead over the median one, of the worst stage; a task alone has none.
    """
    attributes: list[Any] = [span.attributes for span in spans if span.attributes]
    for name, metric, tags in _SUMS:
        values = [known[name] for known in attributes if name in known]
        if values:
            metrics.count(metric, sum(values), unit="By", **tags)
    skew, tasks = names.STAGE_SKEW_MS, names.STAGE_TASKS
    skews = [known.get(skew, 0) for known in attributes if skew in known or known.get(tasks) == 1]
    if skews:
        metrics.record(SKEW, max(skews) / _MS_PER_S, unit="s")


def measure_spans(metrics: Metrics, *, sent: int, spilled: int, left_out: int, dropped: int) -> None:
    """Count what became of the job's spans.

    Parameters
    ----------
    sent
        Taken by a collector or X-Ray.
    spilled
        Written into a file.
    left_out
        Stayed at home to keep the trace within X-Ray's limit; not lost by accident.
    dropped
        Lost.
    """
    outcomes = {"sent": sent, "spilled": spilled, "left_out": left_out, "dropped": dropped}
    for outcome, number in outcomes.items():
        metrics.count(SPANS, number, outcome=outcome)
