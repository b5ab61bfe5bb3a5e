# SPDX-License-Identifier: Apache-2.0
"""A span as the rules see it, whoever recorded it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from xray_common.conventions import SPARK_JOB_ID, SQL_EXECUTION_ID, STAGE_ID, STAGE_TASKS
from xray_common.findings.load import Load
from xray_common.numbers import as_measured
from xray_common.walk import preorder


@dataclass(eq=False)
class Span:
    """A span with its place in the tree. Times are epoch seconds.

    Parameters
    ----------
    attributes
        Annotations and metadata, under the names of ``xray_common.conventions``.
    is_segment
        Whether it is a service's or a job's own document, not a part of one.
    operation
        The AWS operation that a span of a call is of, such as ``StartJobRun``.
    is_over
        Whether it has ended: of what runs, nothing is said.
    critical_s
        Seconds that it, with what is below, is on the critical path of the trace; None: not known.
    """

    id: str
    name: str
    start: float
    end: float
    attributes: Mapping[str, Any] = field(default_factory=dict)
    is_segment: bool = False
    operation: str = ""
    failed: bool = False
    is_over: bool = True
    critical_s: float | None = None
    parent: Span | None = None
    children: list[Span] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """From start to end."""
        return max(0.0, self.end - self.start)

    @property
    def segment(self) -> Span:
        """The segment that this span is, or is a part of; the topmost span where none is known."""
        found = self
        while not found.is_segment and found.parent:
            found = found.parent
        return found

    def number(self, name: str) -> float | None:
        """Return a measured number; None where there is none, which is not the same as 0."""
        return as_measured(self.attributes.get(name))

    def numbers(self, *names: str) -> tuple[float, ...] | None:
        """Return several measured numbers; None where one of them is missing."""
        found: list[float] = []
        for name in names:
            value = self.number(name)
            if value is None:
                return None
            found.append(value)
        return tuple(found)

    def add(self, child: Span) -> Span:
        """Hang a span below this one; return it."""
        child.parent = self
        self.children.append(child)
        return child

    @property
    def step(self) -> Span:
        """The step that this span is, or is Spark's work of; the segment where no step is between."""
        found = self
        while not found.is_segment and found.parent and _is_sparks(found):
            found = found.parent
        return found

    @cached_property
    def by_name(self) -> Mapping[str, list[Span]]:
        """The children with each name, in order: the attempts of a state; of a tree that grows no more."""
        found: dict[str, list[Span]] = {}
        for child in self.children:
            found.setdefault(child.name, []).append(child)
        return found

    @cached_property
    def stage_load(self) -> Load:
        """How many stages ran below this span, and when; of a tree that grows no more."""
        return Load([(span.start, span.end) for span in self.own() if STAGE_TASKS in span.attributes])

    def walk(self) -> Iterator[Span]:
        """Yield this span and everything below it, parents first."""
        return preorder(self, lambda span: span.children)

    def own(self) -> Iterator[Span]:
        """Yield this span and its parts; other segments below have Spark stages of the same numbers."""
        return preorder(self, lambda span: [child for child in span.children if not child.is_segment])

    def path(self) -> list[str]:
        """Name the job, the steps and the stage that lead here; Spark's executions and jobs are left out."""
        names: list[str] = []
        span: Span | None = self
        while span is not None:
            if span is self or span.is_segment or not _is_sparks(span):
                names.append(span.name)
            span = None if span.is_segment else span.parent
        return names[::-1]


def _is_sparks(span: Span) -> bool:
    return any(name in span.attributes for name in (SQL_EXECUTION_ID, SPARK_JOB_ID, STAGE_ID))
