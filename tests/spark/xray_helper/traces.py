# SPDX-License-Identifier: Apache-2.0
"""One recorded trace, to ask questions of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Span = dict[str, Any]


@dataclass
class Trace:
    """The spans of one pipeline."""

    spans: list[Span]
    facts: dict[str, Any]

    @property
    def job(self) -> Span:
        """The traced job's own span."""
        (root,) = (span for span in self.spans if span["name"] == "job")
        return root

    @property
    def executions(self) -> dict[int, Span]:
        """The spans of SQL executions, by Spark's number."""
        return self._by("Spark SQL ", "spark.sql.execution.id")

    @property
    def actions(self) -> list[Span]:
        """The executions that started jobs, in their order: Spark 4 has some that start none."""
        found = sorted(self.executions.items())
        return [span for _, span in found if span["attributes"]["spark.sql.jobs"]]

    @property
    def spark_jobs(self) -> dict[int, Span]:
        """The spans of Spark jobs, by Spark's number."""
        return self._by("Spark job ", "spark.job.id")

    @property
    def stages(self) -> dict[tuple[int, int], Span]:
        """The spans of stages, by number and attempt."""
        found = [span for span in self.spans if span["name"].startswith("Spark stage ")]
        named = {
            (s["attributes"]["spark.stage.id"], s["attributes"]["spark.stage.attempt"]): s for s in found
        }
        assert len(named) == len(found), "a stage attempt has two spans"
        return named

    @property
    def tasks(self) -> dict[int, Span]:
        """The spans of tasks, by Spark's number."""
        return self._by("Spark task ", "spark.task.id")

    @property
    def executors(self) -> dict[str, Span]:
        """The spans of executors, by Spark's number."""
        return self._by("Spark executor ", "spark.executor.id")

    @property
    def steps(self) -> dict[str, Span]:
        """The spans of steps."""
        known = (self.executions, self.spark_jobs, self.stages, self.tasks, self.executors)
        others = {id(span) for spans in known for span in spans.values()} | {id(self.job)}
        return {span["name"]: span for span in self.spans if id(span) not in others}

    def parent(self, span: Span) -> Span:
        """Find the span above one."""
        (found,) = (other for other in self.spans if other["id"] == span["parent"])
        return found

    def step_of(self, span: Span) -> str:
        """Name the step, or the job, that a span hangs below."""
        while span["name"] not in self.steps and span is not self.job:
            span = self.parent(span)
        return str(span["name"])

    def children(self, span: Span) -> list[Span]:
        """Find the spans below one."""
        return [other for other in self.spans if other["parent"] == span["id"]]

    def _by(self, start: str, key: str) -> dict[Any, Span]:
        found = [span for span in self.spans if span["name"].startswith(start)]
        named = {span["attributes"][key]: span for span in found}
        assert len(named) == len(found), f"two spans with the same {key}"
        return named
