# SPDX-License-Identifier: Apache-2.0
"""The spans of tasks against Spark's event log, wherever they ran."""

from __future__ import annotations

from tests.spark.xray_helper.event_log import EventLog, measured
from tests.spark.xray_helper.traces import Trace

NS_PER_MS = 10**6
# The last part of an attribute's name, and the same in the log.
_TOLD = {
    "partition": "Partition ID",
    "attempt": "Attempt",
    "executor.id": "Executor ID",
    "host": "Host",
    "locality": "Locality",
    "speculative": "Speculative",
}


def check_tasks(trace: Trace, log: EventLog) -> None:
    """Compare each with the event of its end."""
    for number, span in trace.tasks.items():
        attributes, event = span["attributes"], log.task(number)
        info, stage = event["Task Info"], trace.parent(span)["attributes"]
        told = {name: attributes[f"spark.task.{name}"] for name in _TOLD}
        numbered = {"Partition ID": info["Index"], **info}  # before Spark 3.4 nothing else is known
        assert told == {name: numbered[key] for name, key in _TOLD.items()}
        assert (stage["spark.stage.id"], stage["spark.stage.attempt"]) == (
            event["Stage ID"],
            event["Stage Attempt ID"],
        )
        assert span["start_ns"] == info["Launch Time"] * NS_PER_MS
        assert span["end_ns"] == info["Finish Time"] * NS_PER_MS
        assert (attributes["spark.task.status"] == "FAILED") == ("failed" in attributes["spark.task.why"])
        assert {name: attributes[name] for name in measured(event)} == measured(event)
