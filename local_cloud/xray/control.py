# SPDX-License-Identifier: Apache-2.0
"""An interface for tests outside the process: the state of this X-Ray, and its faults.

At the cloud's endpoint, see ``local_cloud.control``::

    GET  /_local_cloud/xray
         {"collector": {"url", "fault", "received", "exported", "unprocessed", "dropped"},
          "xray": {"fault", "traces", "transaction_search", "segments_per_page"},
          "daemon": {"address"}}
    POST /_local_cloud/xray
         {"collector_fault": {"mode": "status", "status": 429, "retry_after": 1, "count": 2},
          "xray_fault": {"mode": "throttle", "operations": ["BatchGetTraces"]},
          "transaction_search": true, "segments_per_page": 3}

Every key is optional; null switches a fault off. The answer to both is the state.
"""

from __future__ import annotations

import json
from typing import Any

from local_cloud.emulator import answer_at, wrap
from local_cloud.xray.api.operations import Operations
from local_cloud.xray.collector import Collector
from local_cloud.xray.daemon import Daemon
from local_cloud.xray.faults import Fault, FaultSwitch
from local_cloud.xray.traces.store import TraceStore

PATH = "/_local_cloud/xray"


class Control:
    """The control interface of the parts that it is given."""

    def __init__(
        self,
        *,
        store: TraceStore,
        operations: Operations,
        faults: FaultSwitch,
        collector: Collector,
        daemon: Daemon,
    ) -> None:
        self._store = store
        self._operations = operations
        self._faults = faults
        self._collector = collector
        self._daemon = daemon

    def install(self, app: Any) -> None:
        """Answer at the cloud's own endpoint, and forget the traces when ministack is reset."""
        answer_at(PATH, self._answer)
        wrap(app, "_reset_all_state", self._around_reset)

    def state(self) -> dict[str, Any]:
        """Return what the module's documentation shows."""
        return {
            "collector": {
                "url": self._collector.url,
                "fault": self._collector.faults.mode,
                **self._collector.exporter.counts,
            },
            "xray": {
                "fault": self._faults.mode,
                "traces": len(self._store.trace_ids()),
                "transaction_search": self._operations.destination.transaction_search,
                "segments_per_page": self._operations.segments_per_page,
            },
            "daemon": {"address": self._daemon.address},
        }

    def change(self, wanted: dict[str, Any]) -> None:
        """Apply a change.

        Raises
        ------
        ValueError
            A key or a value is not known.
        """
        unknown = set(wanted) - {"collector_fault", "xray_fault", "transaction_search", "segments_per_page"}
        if unknown:
            raise ValueError(f"Unknown settings: {', '.join(sorted(unknown))}.")
        if "collector_fault" in wanted:
            self._collector.set_fault(_fault(wanted["collector_fault"]))
        if "xray_fault" in wanted:
            self._faults.set(_fault(wanted["xray_fault"]))
        operations = self._operations
        operations.destination.transaction_search = wanted.get(
            "transaction_search", operations.destination.transaction_search
        )
        operations.segments_per_page = wanted.get("segments_per_page", operations.segments_per_page)

    def _answer(self, method: str, body: bytes) -> dict[str, Any]:
        if method == "POST":
            self.change(json.loads(body))
        return self.state()

    def _around_reset(self, original: Any, *arguments: Any) -> Any:
        self._store.clear()
        return original(*arguments)


def _fault(content: dict[str, Any] | None) -> Fault | None:
    return None if content is None else Fault.from_json(content)
