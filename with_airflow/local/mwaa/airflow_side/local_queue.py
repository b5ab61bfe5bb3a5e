# SPDX-License-Identifier: Apache-2.0
"""Airflow's LocalExecutor with the queue that every other executor has.

In Airflow 3.0 a task gets its span and its trace context when the executor takes it out of its queue
(``BaseExecutor.trigger_tasks``). CeleryExecutor, which MWAA runs, has that queue; LocalExecutor goes round
it, so that its tasks have neither. Airflow 3.1 gave LocalExecutor the queue too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow.executors.local_executor import LocalExecutor


class LocalQueueExecutor(LocalExecutor):
    """Runs tasks in processes of this machine, from the queue of BaseExecutor."""

    def queue_workload(self, workload: Any, session: Any = None) -> None:
        """Queue a task, as CeleryExecutor does."""
        self.queued_tasks[workload.ti.key] = workload

    def _process_workloads(self, workloads: Sequence[Any]) -> None:
        """Hand tasks over to the worker processes."""
        for workload in workloads:
            key = workload.ti.key
            del self.queued_tasks[key]
            self.running.add(key)
            self.activity_queue.put(workload)
            with self._unread_messages:
                self._unread_messages.value += 1
        self._check_workers()
