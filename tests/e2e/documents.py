# SPDX-License-Identifier: Apache-2.0
"""A trace as BatchGetTraces returns it, made easy to ask questions of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]


class TraceDocuments:
    """Every segment and subsegment of a trace, with the parent that each names or is nested in."""

    def __init__(self, trace: dict[str, Any]) -> None:
        self.segments: list[Document] = [json.loads(item["Document"]) for item in trace["Segments"]]
        self.by_id: dict[str, Document] = {}
        self.parent: dict[str, str | None] = {}
        for segment in self.segments:
            self._add(segment, segment.get("parent_id"))

    def _add(self, document: Document, parent: str | None) -> None:
        assert document["id"] not in self.by_id, f"the id {document['id']} is there twice"
        self.by_id[document["id"]] = document
        self.parent[document["id"]] = parent
        for child in document.get("subsegments", []):
            self._add(child, document["id"])

    def roots(self) -> list[Document]:
        return [self.by_id[key] for key, parent in self.parent.items() if parent is None]

    def orphans(self) -> list[Document]:
        return [self.by_id[key] for key, parent in self.parent.items() if parent and parent not in self.by_id]

    def ancestors(self, document: Document) -> Iterator[Document]:
        parent = self.parent[document["id"]]
        while parent:
            yield self.by_id[parent]
            parent = self.parent[parent]

    def below(self, document: Document) -> list[Document]:
        return [other for other in self.by_id.values() if document in list(self.ancestors(other))]

    def children(self, document: Document) -> list[Document]:
        return [self.by_id[key] for key, parent in self.parent.items() if parent == document["id"]]

    def with_origin(self, origin: str) -> list[Document]:
        return [segment for segment in self.segments if segment.get("origin") == origin]

    def annotated(self, name: str) -> list[Document]:
        return [document for document in self.by_id.values() if name in document.get("annotations", {})]

    def glue_jobs(self) -> list[Document]:
        """The segments of the Glue job runs, earliest first."""
        found = [segment for segment in self.segments if "job_name" in segment.get("annotations", {})]
        return sorted(found, key=lambda segment: segment["start_time"])
