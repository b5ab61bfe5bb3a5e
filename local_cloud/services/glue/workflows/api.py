# SPDX-License-Identifier: Apache-2.0
"""Glue's operations on workflows, their runs, and triggers."""

from __future__ import annotations

from typing import Any

from local_cloud.emulator import ApiError, call, service
from local_cloud.services.glue import operations
from local_cloud.services.glue.operations import Operation, Request
from local_cloud.services.glue.workflows.graph import graph
from local_cloud.services.glue.workflows.run import WorkflowRun
from local_cloud.services.glue.workflows.schedule import next_time
from local_cloud.services.glue.workflows.triggers import Triggers

_TYPES = ("ON_DEMAND", "SCHEDULED", "CONDITIONAL")


class WorkflowApi:
    """The operations.

    Parameters
    ----------
    triggers
        What they work on.
    """

    def __init__(self, triggers: Triggers) -> None:
        self._triggers = triggers

    def install(self) -> None:
        """Replace ministack's operations by these, and add those that it lacks."""
        glue = service("glue")
        glue._start_workflow_run = operations.answering(self.start_workflow_run)
        glue._get_workflow = operations.answering(self.get_workflow)
        delete = glue._delete_workflow
        glue._delete_workflow = operations.answering(lambda request: self._delete_workflow(delete, request))
        for name, check in (("start", None), ("create", _check_new), ("update", _check_update)):
            known = getattr(glue, f"_{name}_trigger")
            setattr(glue, f"_{name}_trigger", operations.answering(self._and_then(known, name, check)))
        operations.add(
            {
                "BatchGetWorkflows": self.batch_get_workflows,
                "GetWorkflowRun": self.get_workflow_run,
                "GetWorkflowRunProperties": self.get_workflow_run_properties,
                "GetWorkflowRuns": self.get_workflow_runs,
                "ListWorkflows": lambda _: {"Workflows": list(service("glue")._workflows)},
                "PutWorkflowRunProperties": self.put_workflow_run_properties,
                "StopWorkflowRun": self.stop_workflow_run,
            }
        )

    def start_workflow_run(self, request: Request) -> dict[str, Any]:
        """StartWorkflowRun."""
        run = self._triggers.start_workflow(_workflow(request), request.get("RunProperties") or {})
        return {"RunId": run.id}

    def get_workflow(self, request: Request) -> dict[str, Any]:
        """GetWorkflow."""
        workflow = dict(_workflow(request))
        runs = self._triggers.of_workflow(workflow["Name"])
        if not workflow.get("MaxConcurrentRuns"):
            workflow.pop("MaxConcurrentRuns", None)  # no limit
        if runs:
            workflow["LastRun"] = runs[-1].record
        if request.get("IncludeGraph"):
            workflow["Graph"] = graph(workflow["Name"], runs[-1] if runs else None)
        return {"Workflow": workflow}

    def batch_get_workflows(self, request: Request) -> dict[str, Any]:
        """BatchGetWorkflows."""
        names, known = request.get("Names", []), service("glue")._workflows
        found = [self.get_workflow({**request, "Name": name})["Workflow"] for name in names if name in known]
        return {"Workflows": found, "MissingWorkflows": [name for name in names if name not in known]}

    def get_workflow_run(self, request: Request) -> dict[str, Any]:
        """GetWorkflowRun."""
        run = self._run(request)
        more = {"Graph": graph(request["Name"], run)} if request.get("IncludeGraph") else {}
        return {"Run": {**run.record, **more}}

    def get_workflow_runs(self, request: Request) -> dict[str, Any]:
        """GetWorkflowRuns, newest first."""
        runs = self._triggers.of_workflow(_workflow(request)["Name"])
        return {"Runs": [run.record for run in reversed(runs)]}

    def get_workflow_run_properties(self, request: Request) -> dict[str, Any]:
        """GetWorkflowRunProperties."""
        return {"RunProperties": self._run(request).properties}

    def put_workflow_run_properties(self, request: Request) -> dict[str, Any]:
        """PutWorkflowRunProperties: those that are there are replaced, the others stay."""
        self._run(request).properties.update(request.get("RunProperties") or {})
        return {}

    def stop_workflow_run(self, request: Request) -> dict[str, Any]:
        """StopWorkflowRun."""
        run = self._run(request)
        if run.record["Status"] != "RUNNING":
            raise ApiError(
                "IllegalWorkflowStateException", f"Workflow run {run.id} is {run.record['Status']}"
            )
        self._triggers.stop_workflow(run)
        return {}

    def _run(self, request: Request) -> WorkflowRun:
        for run in self._triggers.of_workflow(_workflow(request)["Name"]):
            if run.id == request.get("RunId"):
                return run
        raise ApiError("EntityNotFoundException", f"Workflow run {request.get('RunId')} not found")

    def _delete_workflow(self, delete: Any, request: Request) -> dict[str, Any]:
        answer = call(delete, request)
        self._triggers.forget(request["Name"])
        return answer

    def _and_then(self, operation: Any, name: str, check: Operation | None) -> Operation:
        """Check a request, have ministack answer it, and have the trigger do what it is for."""

        def act(request: Request) -> dict[str, Any]:
            if check:
                check(request)
            answer = call(operation, request)
            trigger = service("glue")._triggers[request["Name"]]
            if trigger["Type"] == "ON_DEMAND":
                trigger["State"] = "CREATED"  # it never waits for anything
            if name == "start" or (trigger["Type"] == "SCHEDULED" and trigger["State"] == "ACTIVATED"):
                self._triggers.start(trigger)
            return answer

        return act


def _workflow(request: Request) -> dict[str, Any]:
    workflow: dict[str, Any] | None = service("glue")._workflows.get(request.get("Name"))
    if workflow is None:
        raise ApiError("EntityNotFoundException", f"Workflow {request.get('Name')} not found")
    return workflow


def _check_new(request: Request) -> dict[str, Any]:
    kind, name = request.get("Type", "ON_DEMAND"), request.get("Name")
    if kind not in _TYPES:
        raise ApiError(
            "InvalidInputException",
            f"Trigger {name}: the local cloud has no triggers of type {kind}, only {', '.join(_TYPES)}; "
            "start the workflow with StartWorkflowRun instead.",
        )
    if kind == "SCHEDULED":
        next_time(request.get("Schedule", ""), 0.0)
    return {}


def _check_update(request: Request) -> dict[str, Any]:
    schedule = (request.get("TriggerUpdate") or {}).get("Schedule")
    if schedule:
        next_time(schedule, 0.0)
    return {}
