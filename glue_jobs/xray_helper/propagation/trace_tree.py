# SPDX-License-Identifier: Apache-2.0
"""Finds, in the documents of one trace, the segment that belongs to a Step Functions step.

Step Functions writes one segment (origin ``AWS::StepFunctions::StateMachine``); in it a subsegment per visit
of a state, named after the state; in that one a subsegment (namespace ``aws``) for the call, with
``aws.request_id``. X-Ray infers a segment for the called service with the same request id: the parent of
whatever that service runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

STATE_MACHINE_ORIGIN: Final = "AWS::StepFunctions::StateMachine"
_MAX_DEPTH: Final = 100  # nesting of segments; a document that claims its own child as parent ends here


class ParentSource(Enum):
    """How the parent of a job's segment was found; best first."""

    STEP = "step"  # the segment that X-Ray inferred for the step's call
    SUBSEGMENT = "step_subsegment"  # the subsegment of that call: no segment has its request id
    STATE = "step_state"  # the state's subsegment: the call in it is not to be seen
    HEADER = "header"  # the Parent of the trace header
    RUN = "run"  # the segment of the workflow's run or the execution, made by its jobs
    NONE = "none"  # no parent: the job is the root of its trace


@dataclass(frozen=True)
class Found:
    """A parent: the 16-digit id, and how it was found."""

    id: str
    source: ParentSource


@dataclass(frozen=True)
class _Node:
    document: dict[str, Any]
    parent_id: str | None
    is_segment: bool

    @property
    def start(self) -> float:
        start = self.document.get("start_time")
        return float(start) if isinstance(start, (int, float)) else 0.0

    @property
    def is_running(self) -> bool:
        return bool(self.document.get("in_progress")) or not self.document.get("end_time")

    @property
    def request_id(self) -> str | None:
        aws = self.document.get("aws")
        return aws.get("request_id") if isinstance(aws, dict) else None


class TraceTree:
    """The documents of one trace, whichever way they come: nested subsegments or separate ones.

    Parameters
    ----------
    documents
        JSON texts, as BatchGetTraces and ListRetrievedTraces return them; what is no JSON is passed over.
    """

    def __init__(self, documents: Iterable[str]) -> None:
        self._nodes: dict[str, _Node] = {}
        for text in documents:
            document = _parse(text)
            if document is not None:
                self._add(document, document.get("parent_id"), document.get("type") != "subsegment")

    def find_step(self, step_name: str, *, only_running: bool = False) -> Found | None:
        """Find the parent for what the newest visit of a step started.

        Parameters
        ----------
        step_name
            Name of the state.
        only_running
            Pass over a visit that is over: it cannot have started a job that runs now.
        """
        names = {step_name, _xray_name(step_name)}
        states = [
            node
            for node in self._nodes.values()
            if str(node.document.get("name")) in names and self._is_state(node)
        ]
        if not states:
            return None
        newest = max(states, key=lambda node: node.start)
        if only_running and not newest.is_running:
            return None
        calls = [
            node
            for node in self._below(newest)
            if node.document.get("namespace") == "aws" and node.request_id
        ]
        if not calls:
            return Found(newest.document["id"], ParentSource.STATE)
        call = max(calls, key=lambda node: node.start)
        for node in self._nodes.values():
            if node.is_segment and node.request_id == call.request_id:
                return Found(node.document["id"], ParentSource.STEP)
        return Found(call.document["id"], ParentSource.SUBSEGMENT)

    def _add(self, document: dict[str, Any], parent_id: str | None, is_segment: bool, depth: int = 0) -> None:
        node_id = document.get("id")
        if not isinstance(node_id, str) or depth > _MAX_DEPTH:
            return
        self._nodes[node_id] = _Node(document, parent_id if isinstance(parent_id, str) else None, is_segment)
        below = document.get("subsegments")
        for child in below if isinstance(below, list) else ():
            if isinstance(child, dict):
                self._add(child, node_id, False, depth + 1)

    def _ancestors(self, node: _Node) -> Iterator[_Node]:
        for _ in range(_MAX_DEPTH):
            parent = self._nodes.get(node.parent_id or "")
            if parent is None:
                return
            yield parent
            node = parent

    def _is_state(self, node: _Node) -> bool:
        if node.is_segment:
            return False
        segment = next((parent for parent in self._ancestors(node) if parent.is_segment), None)
        return segment is not None and segment.document.get("origin") == STATE_MACHINE_ORIGIN

    def _below(self, top: _Node) -> list[_Node]:
        return [node for node in self._nodes.values() if not node.is_segment and top in self._ancestors(node)]


def _parse(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except (TypeError, ValueError, RecursionError):  # the last: nested too deep
        return None
    return document if isinstance(document, dict) else None


def _xray_name(name: str) -> str:
    """Spell a state's name as X-Ray stores it."""
    from xray_helper.translate.names import clean_name

    return clean_name(name)
