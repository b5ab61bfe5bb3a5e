# SPDX-License-Identifier: Apache-2.0
"""The trace context of a task, as an X-Ray trace header.

With OpenTelemetry on, Airflow starts a span for each try of a task when it queues it, and puts the span's W3C
``traceparent`` into the task instance's ``context_carrier`` (Airflow 3.0:
``airflow/executors/base_executor.py``).

With it off there is no span to be below: the header then names a trace alone, the same one for every task of
a run until the run is cleared.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from xray_common.ids import trace_id_from_digest, trace_id_from_int
from xray_common.trace_header import TraceHeader

_TRACEPARENT = re.compile(
    r"[0-9a-f]{2}-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
)
_SAMPLED = 0x01


def trace_header(task_instance: Any, dag_run: Any) -> str:
    """Return the header for the jobs that this try of a task starts.

    Examples
    --------
    ``Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1``
    """
    carrier = getattr(task_instance, "context_carrier", None) or {}
    found = _TRACEPARENT.fullmatch(str(carrier.get("traceparent", "")))
    if not found:
        return str(TraceHeader(run_trace_id(dag_run), sampled=True))
    sampled = bool(int(found["flags"], 16) & _SAMPLED)
    return str(TraceHeader(trace_id_from_int(int(found["trace"], 16)), found["span"], sampled))


def run_trace_id(dag_run: Any) -> str:
    """Return the trace id that a DAG run has without OpenTelemetry.

    X-Ray takes the first part for the time and drops old traces: it is when the run started.
    """
    name = f"{dag_run.dag_id}/{dag_run.run_id}"
    digest = hashlib.sha256(name.encode()).hexdigest()
    return trace_id_from_digest(dag_run.start_date.timestamp(), digest)
