# SPDX-License-Identifier: Apache-2.0
"""Spark's status store: what the Spark UI shows, there even when the UI is off.

``AppStatusStore`` and the ``KVStore`` below it are internal but public in bytecode. Jobs, stages, tasks and
SQL executions live in one store, ordered by their ids. It keeps the last 1,000 of each by default
(``spark.ui.retainedJobs``, ``spark.ui.retainedStages``, ``spark.sql.ui.retainedExecutions``).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, cast

from xray_helper.spark.status_store.json_reader import JsonReader
from xray_helper.spark.status_store.mappers import EXECUTION, GRAPH, JOB, STAGE, TASK, find_static
from xray_helper.spark.status_store.records import Record

_RETAINED: Final = "spark.sql.ui.retainedExecutions"
_RETAINED_DEFAULT: Final = 1_000
_RETAINED_TASKS: Final = "spark.ui.retainedTasks"
_RETAINED_TASKS_DEFAULT: Final = 100_000
_RETAINED_DEAD: Final = "spark.ui.retainedDeadExecutors"
_RETAINED_DEAD_DEFAULT: Final = 100


@dataclass(frozen=True)
class PlanRecords:
    """An execution's final plan as the Spark UI draws it.

    Attributes
    ----------
    nodes
        The operators (``SparkPlanGraphNode``).
    edges
        From each operator to the one above it (``SparkPlanGraphEdge``).
    values
        The metrics: accumulator id -> text as the Spark UI shows it.
    """

    nodes: list[Record]
    edges: list[Record]
    values: dict[str, str]

    @classmethod
    def of(cls, graph: Record, values: dict[str, str]) -> PlanRecords:
        """Take the nodes out of their clusters, each in front of its own: as ``allNodes`` of Spark does."""
        nodes = [inner for node in graph["nodes"] for inner in (*node.get("nodes", ()), node)]
        return cls(nodes, graph["edges"], values)


class StatusStore:
    """Reads the records of one ``SparkContext``, each kind from an id on."""

    def __init__(self, context: Any) -> None:
        self._reader = JsonReader(context)
        self._jvm = context._jvm
        self._context = context._jsc.sc()
        self._scheduler = self._context.dagScheduler()
        self._store = self._context.statusStore()
        self._records = self._store.store()
        self._sql: Any = None
        #: Spark forgets the oldest executions beyond this number, a tenth of it at a time
        self.retained_executions = self._limit(_RETAINED, _RETAINED_DEFAULT)
        self._classes = {name: self._reader.java_class(name) for name in (JOB, STAGE, TASK, GRAPH, EXECUTION)}
        self._reader.list_views(self._view(JOB))

    @functools.cached_property
    def retained_tasks(self) -> int:
        """How many tasks of one stage attempt Spark remembers."""
        return self._limit(_RETAINED_TASKS, _RETAINED_TASKS_DEFAULT)

    @functools.cached_property
    def retained_dead_executors(self) -> int:
        """How many executors that are gone Spark remembers."""
        return self._limit(_RETAINED_DEAD, _RETAINED_DEAD_DEFAULT)

    def scales(self) -> bool:
        """Return whether executors come and go with the work; Glue sets it for its auto scaling."""
        return bool(self._context.conf().getBoolean("spark.dynamicAllocation.enabled", False))

    def warm_up(self) -> None:
        """Let the JVM load what reading needs (0.4 s) beside the job's first action, not after it.

        Jackson learns most when it writes: the driver's record is there from the start. What an earlier job
        of this JVM has loaded is there.
        """
        if self._reader.learn():
            self.executors()

    def job_count(self) -> int:
        """Count the jobs that this application ever submitted; ids run from 0."""
        return int(self._scheduler.numTotalJobs())

    def jobs_from(self, job_id: int) -> list[Record]:
        """Read the jobs from an id on (``JobDataWrapper``)."""
        return cast(list[Record], self._reader.read(self._view(JOB).first(job_id)))

    def stages_from(self, stage_id: int) -> list[Record]:
        """Read all attempts of the stages from an id on (``StageDataWrapper``)."""
        return cast(list[Record], self._reader.read(self._view(STAGE).index("stageId").first(stage_id)))

    def newest_job(self) -> Record | None:
        """Read the job with the highest id (``JobData``); None when there was none."""
        found = self._newest(JOB)
        return cast(Record, found["info"]) if found else None

    def newest_execution(self) -> Record | None:
        """Read the SQL execution with the highest id; None when there was none."""
        return self._newest(EXECUTION)

    def execution_count(self) -> int:
        """Count the SQL executions that Spark remembers."""
        return int(self._records.count(self._classes[EXECUTION]))

    def executions_from(self, execution_id: int, *, likely: int = 1) -> list[Record]:
        """Read the SQL executions from an id on (``SQLExecutionUIData``), without their plans.

        An id of Java's type Long cannot be handed over through py4j, a number of records can: the newest
        ``likely`` ones are read, and more as long as older ones may be wanted.
        """
        count = likely
        while True:
            found = cast(list[Record], self._reader.read(self._view(EXECUTION).reverse().max(count)))
            if len(found) < count or found[-1]["executionId"] <= execution_id:
                return [record for record in reversed(found) if record["executionId"] >= execution_id]
            count = found[0]["executionId"] - execution_id + 1

    def plans(self, execution_ids: Iterable[int]) -> dict[int, str]:
        """Read the final plans of SQL executions, as text; those that Spark has forgotten are missing."""
        found = find_static(self._jvm, "java.util.ArrayList")()
        for number in execution_ids:
            found.add(self.sql().execution(number))  # an Option: null in JSON, where Spark has forgotten it
        return self._reader.read_plans(found)

    def sql(self) -> Any:
        """Return the view of the store that knows plans and their metrics (``SQLAppStatusStore``)."""
        if self._sql is None:
            make = find_static(self._jvm, "org.apache.spark.sql.execution.ui.SQLAppStatusStore")
            self._sql = make(self._records, find_static(self._jvm, "scala.Option").empty())
        return self._sql

    def plan_graphs(self, execution_ids: Iterable[int]) -> dict[int, PlanRecords]:
        """Read the operators of executions' final plans; one that Spark has forgotten is an error."""
        numbers = list(execution_ids)
        if not numbers:
            return {}
        found = find_static(self._jvm, "java.util.ArrayList")()
        for number in numbers:
            found.add(self.sql().planGraph(number))
            found.add(self.sql().executionMetrics(number))
        read = self._reader.read(found)
        pairs = zip(numbers, read[::2], read[1::2], strict=True)
        return {number: PlanRecords.of(graph, values) for number, graph, values in pairs}

    def executors(self) -> list[Record]:
        """Read all executors, also those that are gone; the driver is one of them."""
        return cast(list[Record], self._reader.read(self._store.executorList(False)))

    def operation_graphs_from(self, stage_id: int) -> list[Record]:
        """Read the operators whose RDDs make up each stage, from an id on (``RDDOperationGraphWrapper``)."""
        return cast(list[Record], self._reader.read(self._view(GRAPH).first(stage_id)))

    def tasks_by(self, index: str, *, stage_id: int, attempt: int) -> Any:
        """Return a view of a stage's tasks by an index, lowest first; those without success have no metrics.

        ``index`` is one of Spark's ``TaskIndexNames``: ``ert`` run time, ``pem`` peak memory, ``att`` number
        of the attempt, ``sta`` status. Each call of a view's methods changes it; ``read_tasks`` reads it,
        and has to before the next view is asked for: the key is one array for all.
        """
        key = self._reader.pair(stage_id, attempt)
        return self._view(TASK).parent(key).index(index)

    def read_tasks(self, view: Any) -> list[Record]:
        """Read the tasks of a view (``TaskDataWrapper``)."""
        return cast(list[Record], self._reader.read(view))

    def running_tasks(self) -> list[Record]:
        """Read the tasks that run now; of two copies the slower one may outlive its stage."""
        found: list[Record] = []
        for stage in cast(list[Record], self._reader.read(self._store.activeStages())):
            view = self.tasks_by("sta", stage_id=stage["stageId"], attempt=stage["attemptId"])
            found += self.read_tasks(view.first("RUNNING").last("RUNNING"))
        return found

    def task_count(self, *, stage_id: int, attempt: int) -> int:
        """Count the attempts of a stage's tasks that Spark remembers."""
        return int(self._store.taskCount(stage_id, attempt))

    def stage_executors(self, *, stage_id: int, attempt: int) -> dict[str, Record]:
        """Read what each executor did for a stage, by its id (``ExecutorStageSummary``)."""
        found = self._reader.read(self._store.executorSummary(stage_id, attempt))
        return cast(dict[str, Record], found)

    def read_texts(self, objects: list[Any]) -> list[str]:
        """Read the ``toString`` of Java objects, such as plans."""
        return self._reader.read_texts(objects)

    def _limit(self, name: str, default: int) -> int:
        return int(self._context.conf().getInt(name, default))

    def _newest(self, name: str) -> Record | None:
        found = self._reader.read(self._view(name).reverse().max(1))
        return cast(Record, found[0]) if found else None

    def _view(self, name: str) -> Any:
        """Return a new view: the one that Spark gives while there is no record stays empty for ever."""
        return self._records.view(self._classes[name])
