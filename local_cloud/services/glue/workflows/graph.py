# SPDX-License-Identifier: Apache-2.0
"""The graph of a workflow: triggers, jobs and crawlers, with the runs of one workflow run."""

from __future__ import annotations

from typing import Any

from local_cloud.emulator import service
from local_cloud.services.glue.workflows.conditions import watched
from local_cloud.services.glue.workflows.run import WorkflowRun


def graph(workflow: str, run: WorkflowRun | None) -> dict[str, Any]:
    """Return nodes and edges as GetWorkflow and GetWorkflowRun show them."""
    triggers = [t for t in service("glue")._triggers.values() if t.get("WorkflowName") == workflow]
    nodes: dict[tuple[str, str], dict[str, Any]] = {}
    edges: list[tuple[tuple[str, str], tuple[str, str]]] = []
    for trigger in triggers:
        own = ("trigger", trigger["Name"])
        nodes[own] = {"TriggerDetails": {"Trigger": _shown(trigger)}}
        before = watched(trigger.get("Predicate") or {})
        after = {
            ("crawler", action["CrawlerName"])
            if action.get("CrawlerName")
            else ("job", action.get("JobName", ""))
            for action in trigger.get("Actions", [])
        }
        for other in before | after:
            nodes.setdefault(other, _details(other, run))
        edges += [(other, own) for other in sorted(before)] + [(own, other) for other in sorted(after)]
    return {
        "Nodes": [
            {"Type": kind.upper(), "Name": name, "UniqueId": _id((kind, name)), **details}
            for (kind, name), details in nodes.items()
        ],
        "Edges": [{"SourceId": _id(source), "DestinationId": _id(target)} for source, target in edges],
    }


def _id(who: tuple[str, str]) -> str:
    return ":".join(who)


def _details(who: tuple[str, str], run: WorkflowRun | None) -> dict[str, Any]:
    kind, name = who
    if kind == "crawler":
        state = run.crawls.get(name) if run else None
        return {"CrawlerDetails": {"Crawls": [{"State": state}] if state else []}}
    return {
        "JobDetails": {"JobRuns": [job.record for job in run.jobs if job.job["Name"] == name] if run else []}
    }


def _shown(trigger: dict[str, Any]) -> dict[str, Any]:
    """Return a trigger without what is not set, and without what the API has elsewhere."""
    hidden = ("Tags", "CreatedOn", "LastModifiedOn")
    return {name: value for name, value in trigger.items() if name not in hidden and value not in ("", {})}
