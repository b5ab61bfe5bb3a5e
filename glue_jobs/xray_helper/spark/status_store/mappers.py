# SPDX-License-Identifier: Apache-2.0
"""Spark's own Jackson, configured to leave out of Spark's records what is not needed."""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Sequence
from typing import Any, Final

from py4j.java_gateway import JavaClass

_JACKSON: Final = "com.fasterxml.jackson"
_STATUS: Final = "org.apache.spark.status"

JOB: Final = f"{_STATUS}.JobDataWrapper"
STAGE: Final = f"{_STATUS}.StageDataWrapper"
TASK: Final = f"{_STATUS}.TaskDataWrapper"
GRAPH: Final = f"{_STATUS}.RDDOperationGraphWrapper"
EXECUTION: Final = "org.apache.spark.sql.execution.ui.SQLExecutionUIData"
STAGE_EXECUTOR: Final = f"{_STATUS}.api.v1.ExecutorStageSummary"

# Classes, and what is left out of all of them: large (``details`` is a stack of Spark's own calls), or used
# by nothing here. The plan's text is large too and is read one by one, where it is needed.
SHORTENED: Final = (
    EXECUTION,
    STAGE_EXECUTOR,
    TASK,
    GRAPH,
    f"{_STATUS}.RDDOperationClusterWrapper",
    f"{_STATUS}.api.v1.ExecutorSummary",
    f"{_STATUS}.api.v1.StageData",
)
_OF_EXECUTION: Final = ("details", "metrics", "modifiedConfigs", "metricValues")
IGNORED: Final = (
    *_OF_EXECUTION,
    "physicalPlanDescription",
    # of stages and tasks
    "accumulatorUpdates",  # every metric of every operator
    "executorDeserializeCpuTime",
    "executorMetricsDistributions",
    "executorSummary",
    "isBlacklistedForStage",
    "isExcludedForStage",
    "isShufflePushEnabled",
    "killedTasksSummary",
    "numCompletedIndices",
    "peakExecutorMetrics",
    "rddIds",
    "resourceProfileId",
    "resultSize",
    "schedulingPool",
    "shuffleCorruptMergedBlockChunks",
    "shuffleLocalBlocksFetched",
    "shuffleMergedFetchFallbackCount",
    "shuffleMergedLocalBlocksFetched",
    "shuffleMergedLocalBytesRead",
    "shuffleMergedLocalChunksFetched",
    "shuffleMergedRemoteBlocksFetched",
    "shuffleMergedRemoteBytesRead",
    "shuffleMergedRemoteChunksFetched",
    "shuffleMergedRemoteReqDuration",
    "shuffleMergedRemoteReqsDuration",
    "shuffleMergersCount",
    "shuffleRemoteBlocksFetched",
    "shuffleRemoteBytesReadToDisk",
    "shuffleRemoteReqsDuration",
    "shuffleWriteTime",
    "speculationSummary",
    "taskMetricsDistributions",
    "tasks",
    # of the operators of a stage
    "childNodes",
    "edges",
    "incomingEdges",
    "outgoingEdges",
    # of executors
    "attributes",
    "blacklistedInStages",
    "excludedInStages",
    "executorLogs",
    "memoryMetrics",
    "peakMemoryMetrics",
    "resources",
)
# Of an execution only its id and its plan.
PLAN_ONLY: Final = (
    *_OF_EXECUTION,
    "rootExecutionId",
    "description",
    "submissionTime",
    "completionTime",
    "errorMessage",
    "jobs",
    "stages",
    "jobTags",
)
# What every job needs; tasks and their executors are asked for where a stage is long.
LEARNED: Final = (
    JOB,
    STAGE,
    GRAPH,
    EXECUTION,
    f"{_STATUS}.api.v1.JobData",
    f"{_STATUS}.api.v1.StageData",
    "org.apache.spark.sql.execution.ui.SparkPlanGraphNode",
    "org.apache.spark.sql.execution.ui.SparkPlanGraphCluster",
)


class Mappers:
    """The mappers of one JVM; what they have learned serves every traced job in it.

    Attributes
    ----------
    records
        The mapper for everything but plans.
    """

    _known: Final[weakref.WeakKeyDictionary[Any, Mappers]] = weakref.WeakKeyDictionary()
    _lock: Final = threading.Lock()

    def __init__(self, context: Any) -> None:
        jvm = context._jvm
        self._for_name = find_static(jvm, "java.lang.Class").forName
        self._classes: dict[str, Any] = {}
        rules = find_static(jvm, f"{_JACKSON}.annotation.JsonIgnoreProperties$Value")
        self._rule = rules.forIgnoredProperties
        self._comma = find_static(jvm, "java.util.regex.Pattern").compile(",")
        self.records, self._hidden = _make_mapper(jvm)
        self._ignore(self.records, SHORTENED, IGNORED)
        self._has_learned = False

    @functools.cached_property
    def plans(self) -> Any:
        """The mapper for the plans of executions; needed at the end of a job."""
        mapper = self.records.copy()
        self._ignore(mapper, (EXECUTION,), PLAN_ONLY)
        return mapper

    @classmethod
    def of(cls, context: Any) -> Mappers:
        """Return those of the JVM of a ``SparkContext``; make them the first time."""
        with cls._lock:
            found = cls._known.get(context._gateway)
            if found is None:
                found = cls._known[context._gateway] = cls(context)
            return found

    def java_class(self, name: str) -> Any:
        """Return a class object by its name; the JVM is asked once.

        ``functools.cache`` copies the docstring of what it wraps, which py4j has none of for a static method:
        it raises.
        """
        if name not in self._classes:
            self._classes[name] = self._for_name(name)
        return self._classes[name]

    def list_views(self, view: Any) -> None:
        """Take views of the class of this one for the lists that they are: their fields are not meant."""
        self.records.configOverride(view.getClass()).setVisibility(self._hidden)

    def learn(self) -> bool:
        """Introspect the classes (0.1 s in a new JVM), once; return False when that was done before."""
        if self._has_learned:
            return False
        self._has_learned = True
        for name in LEARNED:
            self.records.canSerialize(self.java_class(name))
        return True

    def _ignore(self, mapper: Any, classes: Sequence[str], properties: Sequence[str]) -> None:
        """Let a mapper ignore properties of classes; their names cross over as one text."""
        rule = self._rule(self._comma.split(",".join(properties)))
        for name in classes:
            mapper.configOverride(self.java_class(name)).setIgnorals(rule)


def _make_mapper(jvm: Any) -> tuple[Any, Any]:
    """Return an ``ObjectMapper`` that knows Scala's collections and reads the fields of everything else.

    The second one is the rule (``JsonAutoDetect.Value``) that hides the fields of a class from it.

    The Scala module would look for the constructors, accessors and annotations of each class, which takes
    most of the time in a new JVM; a Scala ``val`` is a field of the same name.
    """
    mapper = find_static(jvm, f"{_JACKSON}.databind.ObjectMapper")()
    scala = find_static(jvm, f"{_JACKSON}.module.scala.DefaultScalaModule$")
    mapper.registerModule(getattr(scala, "MODULE$"))
    mapper.setAnnotationIntrospector(
        find_static(jvm, f"{_JACKSON}.databind.AnnotationIntrospector").nopInstance()
    )
    accessors = find_static(jvm, f"{_JACKSON}.annotation.PropertyAccessor")
    visible = find_static(jvm, f"{_JACKSON}.annotation.JsonAutoDetect$Visibility")
    none, fields = visible.NONE, accessors.FIELD
    mapper.setVisibility(accessors.ALL, none)
    mapper.setVisibility(fields, visible.ANY)
    rules = find_static(jvm, f"{_JACKSON}.annotation.JsonAutoDetect$Value")
    return mapper, rules.construct(fields, none)


def find_static(jvm: Any, name: str) -> Any:
    """Return a class by its name; ``jvm.a.b.C`` would ask the JVM about each part of it."""
    return JavaClass(name, jvm._gateway_client)
