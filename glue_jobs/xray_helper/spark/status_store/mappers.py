# SPDX-License-Identifier: Apache-2.0
"""Spark's own Jackson, configured to leave out of Spark's records what is not needed."""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Mapping, Sequence
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

_OF_EXECUTION: Final = ("details", "metrics", "modifiedConfigs", "metricValues")
# Left out: large (``details`` is a stack of Spark's own calls), or used by nothing here. The plan's text is
# large too and is read one by one, where it is needed.
IGNORED: Final[Mapping[str, Sequence[str]]] = {
    EXECUTION: (*_OF_EXECUTION, "physicalPlanDescription"),
    STAGE_EXECUTOR: ("peakMemoryMetrics", "isBlacklistedForStage", "isExcludedForStage"),
    TASK: (
        "accumulatorUpdates",  # every metric of every operator
        "executorDeserializeCpuTime",
        "resultSize",
        "shuffleRemoteBlocksFetched",
        "shuffleLocalBlocksFetched",
        "shuffleRemoteBytesReadToDisk",
        "shuffleCorruptMergedBlockChunks",
        "shuffleMergedFetchFallbackCount",
        "shuffleMergedRemoteBlocksFetched",
        "shuffleMergedLocalBlocksFetched",
        "shuffleMergedRemoteChunksFetched",
        "shuffleMergedLocalChunksFetched",
        "shuffleMergedRemoteBytesRead",
        "shuffleMergedLocalBytesRead",
        "shuffleRemoteReqsDuration",
        "shuffleMergedRemoteReqDuration",
        "shuffleWriteTime",
    ),
    GRAPH: ("edges", "outgoingEdges", "incomingEdges"),
    f"{_STATUS}.RDDOperationClusterWrapper": ("childNodes",),
    f"{_STATUS}.api.v1.ExecutorSummary": (
        "memoryMetrics",
        "peakMemoryMetrics",
        "executorLogs",
        "attributes",
        "resources",
        "blacklistedInStages",
        "excludedInStages",
    ),
    f"{_STATUS}.api.v1.StageData": (
        "details",
        "rddIds",
        "accumulatorUpdates",
        "tasks",
        "executorSummary",
        "killedTasksSummary",
        "peakExecutorMetrics",
        "speculationSummary",
        "taskMetricsDistributions",
        "executorMetricsDistributions",
        "executorDeserializeCpuTime",
        "schedulingPool",
        "shuffleCorruptMergedBlockChunks",
        "shuffleMergedFetchFallbackCount",
        "shuffleMergedRemoteBlocksFetched",
        "shuffleMergedLocalBlocksFetched",
        "shuffleMergedRemoteChunksFetched",
        "shuffleMergedLocalChunksFetched",
        "shuffleMergedRemoteBytesRead",
        "shuffleMergedLocalBytesRead",
        "shuffleRemoteReqsDuration",
        "shuffleMergedRemoteReqsDuration",
        "isShufflePushEnabled",
        "numCompletedIndices",
        "resultSize",
        "shuffleRemoteBlocksFetched",
        "shuffleLocalBlocksFetched",
        "shuffleRemoteBytesRead",
        "shuffleRemoteBytesReadToDisk",
        "shuffleLocalBytesRead",
        "shuffleWriteTime",
        "name",
        "description",
        "shuffleMergersCount",
        "resourceProfileId",
    ),
}
# Of an execution only its id and its plan.
PLANS_ONLY: Final[Mapping[str, Sequence[str]]] = {
    EXECUTION: (
        *_OF_EXECUTION,
        "rootExecutionId",
        "description",
        "submissionTime",
        "completionTime",
        "errorMessage",
        "jobs",
        "stages",
        "jobTags",
    ),
}
# What every job needs; tasks and their executors are asked for where a stage is long.
LEARNED: Final = (
    JOB,
    STAGE,
    GRAPH,
    EXECUTION,
    f"{_STATUS}.api.v1.JobData",
    f"{_STATUS}.api.v1.StageData",
    f"{_STATUS}.api.v1.ExecutorSummary",
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
        self.records = _make_mapper(jvm)
        self._ignore(self.records, IGNORED)
        self._has_learned = False

    @functools.cached_property
    def plans(self) -> Any:
        """The mapper for the plans of executions; needed at the end of a job."""
        mapper = self.records.copy()
        self._ignore(mapper, PLANS_ONLY)
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

    def learn(self) -> bool:
        """Introspect the classes (0.1 s in a new JVM), once; return False when that was done before."""
        if self._has_learned:
            return False
        self._has_learned = True
        for name in LEARNED:
            self.records.canSerialize(self.java_class(name))
        return True

    def _ignore(self, mapper: Any, ignored: Mapping[str, Sequence[str]]) -> None:
        """Let a mapper ignore properties of classes; their names cross over as one text for each class."""
        for name, properties in ignored.items():
            names = self._comma.split(",".join(properties))
            mapper.configOverride(self.java_class(name)).setIgnorals(self._rule(names))


def _make_mapper(jvm: Any) -> Any:
    """Return an ``ObjectMapper`` that writes the fields of Spark's records, and knows Scala's collections.

    A record's fields are what it shows. Jackson's Scala module would find the same by reading constructors
    from bytecode, which takes a new JVM three times as long: only its serializers are used.
    """
    mapper = find_static(jvm, f"{_JACKSON}.databind.ObjectMapper")()
    scala = find_static(jvm, f"{_JACKSON}.module.scala.DefaultScalaModule$")
    mapper.registerModule(getattr(scala, "MODULE$"))
    mapper.setAnnotationIntrospector(
        find_static(jvm, f"{_JACKSON}.databind.introspect.JacksonAnnotationIntrospector")()
    )
    kinds = find_static(jvm, f"{_JACKSON}.annotation.PropertyAccessor").valueOf
    visible = find_static(jvm, f"{_JACKSON}.annotation.JsonAutoDetect$Visibility").valueOf
    mapper.setVisibility(kinds("ALL"), visible("NONE"))
    mapper.setVisibility(kinds("FIELD"), visible("ANY"))
    return mapper


def find_static(jvm: Any, name: str) -> Any:
    """Return a class by its name; ``jvm.a.b.C`` would ask the JVM about each part of it."""
    return JavaClass(name, jvm._gateway_client)
