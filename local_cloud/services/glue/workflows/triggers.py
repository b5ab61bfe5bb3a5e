# SPDX-License-Identifier: Apache-2.0
"""Triggers: what starts them, and what they start, within a run of a workflow or without one.

A conditional trigger of no workflow watches only what triggers have started, as in Glue. It fires when its
conditions are met, and then waits for them anew; in a workflow's run each trigger fires once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from local_cloud.emulator import ApiError, call, core, service
from local_cloud.services.glue.run import TERMINAL, JobRun
from local_cloud.services.glue.service import GlueRuns
from local_cloud.services.glue.workflows.conditions import is_met, watched
from local_cloud.services.glue.workflows.run import WorkflowRun
from local_cloud.services.glue.workflows.schedule import Schedule, next_time

_log = logging.getLogger("local_cloud.services.glue")
_RUN_MEMBERS = ("Timeout", "SecurityConfiguration", "NotificationProperty")
Trigger = Mapping[str, Any]


class Triggers:
    """The triggers and workflow runs of every account and region.

    Parameters
    ----------
    runs
        Where jobs are started.
    """

    def __init__(self, runs: GlueRuns) -> None:
        self._runs = runs
        self._schedule = Schedule()
        self._lock = threading.RLock()
        self._workflow_runs: defaultdict[tuple[str, str, str], list[WorkflowRun]] = defaultdict(list)
        self._plans: dict[tuple[str, str, str], object] = {}  # the one that counts for a scheduled trigger
        # Ends that a trigger of no workflow has seen since it fired last
        self._seen: defaultdict[tuple[str, str, str], dict[tuple[str, str], str]] = defaultdict(dict)

    def of_workflow(self, name: str) -> list[WorkflowRun]:
        """Return the runs of a workflow, oldest first."""
        return self._workflow_runs[_key(name)]

    def start_workflow(self, workflow: Mapping[str, Any], properties: Mapping[str, str]) -> WorkflowRun:
        """Start a run: the workflow's first trigger, whatever its type, fires.

        Raises
        ------
        ApiError
            The workflow has no trigger to begin with, or as many runs as it may have.
        """
        with self._lock:
            runs = self.of_workflow(workflow["Name"])
            limit = workflow.get("MaxConcurrentRuns") or 0
            if limit and sum(run.record["Status"] == "RUNNING" for run in runs) >= limit:
                raise ApiError(
                    "ConcurrentRunsExceededException",
                    f"Concurrent runs exceeded for workflow: {workflow['Name']}",
                )
            first = [trigger for trigger in _triggers(workflow["Name"]) if trigger["Type"] != "CONDITIONAL"]
            if not first:
                raise ApiError(
                    "InvalidInputException", f"Workflow {workflow['Name']} has no trigger that starts it."
                )
            run = WorkflowRun(workflow, properties=properties, previous=runs[-1].id if runs else None)
            runs.append(run)
            service("glue")._workflow_runs.setdefault(workflow["Name"], []).append(run.record)
            self._fire(first[0], run)
            self._go_on(run)
        return run

    def forget(self, workflow: str) -> None:
        """Drop the runs of a workflow that is deleted."""
        with self._lock:
            self._workflow_runs.pop(_key(workflow), None)

    def stop_workflow(self, run: WorkflowRun) -> None:
        """Stop what a run started, and start no more."""
        with self._lock:
            run.record["Status"] = "STOPPING"
            for job in run.jobs:
                if job.state not in TERMINAL:
                    self._runs.stop(job)
            self._go_on(run)

    def start(self, trigger: Trigger) -> None:
        """Fire a trigger on demand (with its workflow), have another wait for its time or conditions."""
        if trigger["Type"] == "ON_DEMAND":
            self._begin(trigger)
        elif trigger["Type"] == "SCHEDULED":
            self._plan(trigger["Name"], trigger["Schedule"])

    def job_changed(self, run: JobRun) -> None:
        """Look at a run that has ended."""
        if run.state in TERMINAL and run.record.get("TriggerName"):
            self._ended(("job", str(run.job["Name"])), run.state, run.arguments.all.get("--WORKFLOW_RUN_ID"))

    def crawler_ended(self, crawler: Mapping[str, Any]) -> None:
        """Look at a crawl that has ended."""
        name, state = crawler["Name"], crawler["LastCrawl"]["Status"]
        with self._lock:
            all_runs = [run for runs in self._workflow_runs.values() for run in runs]
            found = next((run for run in all_runs if run.crawls.get(name) == "RUNNING"), None)
            if found:
                found.crawls[name] = state
            self._ended(("crawler", name), state, found.id if found else None)

    def _ended(self, who: tuple[str, str], state: str, workflow_run_id: str | None) -> None:
        with self._lock:
            if workflow_run_id:
                runs = [run for runs in self._workflow_runs.values() for run in runs]
                for run in runs:
                    if run.id == workflow_run_id:
                        self._go_on(run)
                return
            for trigger in _triggers(""):
                predicate = trigger.get("Predicate") or {}
                if not _waits(trigger) or who not in watched(predicate):
                    continue
                seen = self._seen[_key(trigger["Name"])]
                seen[who] = state
                if is_met(predicate, seen):
                    seen.clear()
                    self._fire(trigger, None)

    def _go_on(self, run: WorkflowRun) -> None:
        """Fire what has become due in a workflow's run; end the run when there is no more to do."""
        if run.record["Status"] == "RUNNING":
            for trigger in _triggers(run.record["Name"]):
                due = _waits(trigger) and is_met(trigger.get("Predicate") or {}, run.ended())
                if due and trigger["Name"] not in run.fired:
                    self._fire(trigger, run)
        run.count()
        if not run.is_active and "CompletedOn" not in run.record:
            run.end()

    def _fire(self, trigger: Trigger, run: WorkflowRun | None) -> None:
        _log.info("Glue trigger %s fires", trigger["Name"])
        if run:
            run.fired.add(trigger["Name"])
        for action in trigger.get("Actions", []):
            try:
                self._act(action, trigger, run)
            except ApiError as error:  # Glue goes on with the other actions
                _log.warning("Glue trigger %s: %s", trigger["Name"], error)
                if run:
                    run.not_started += 1

    def _act(self, action: Mapping[str, Any], trigger: Trigger, run: WorkflowRun | None) -> None:
        glue = service("glue")
        if action.get("CrawlerName"):
            call(glue._start_crawler, {"Name": action["CrawlerName"]})
            if run:
                run.crawls[action["CrawlerName"]] = "RUNNING"
            return
        job = glue._jobs.get(action.get("JobName"))
        if job is None:
            raise ApiError("EntityNotFoundException", f"Job with name: {action.get('JobName')} not found.")
        own = {"--WORKFLOW_NAME": run.record["Name"], "--WORKFLOW_RUN_ID": run.id} if run else {}
        before = watched(trigger.get("Predicate") or {})
        started = self._runs.start(
            job,
            {
                **{name: action[name] for name in _RUN_MEMBERS if action.get(name)},
                "Arguments": {**(action.get("Arguments") or {}), **own},
                "TriggerName": trigger["Name"],
                "PredecessorRuns": [
                    {"JobName": name, "RunId": known.id}
                    for known in (run.jobs if run else [])
                    if ("job", name := str(known.job["Name"])) in before
                ],
            },
        )
        if run:
            run.jobs.append(started)

    def _plan(self, name: str, expression: str) -> None:
        when = next_time(expression, time.time())
        plan = self._plans[_key(name)] = object()
        if when is not None:
            self._schedule.at(when, lambda: self._on_time(name, expression, plan))

    def _on_time(self, name: str, expression: str, plan: object) -> None:
        trigger = service("glue")._triggers.get(name)
        if not trigger or trigger["State"] != "ACTIVATED" or self._plans.get(_key(name)) is not plan:
            return
        self._plan(name, expression)
        self._begin(trigger)

    def _begin(self, trigger: Trigger) -> None:
        """Fire a trigger that waits for no other, with a run of its workflow where it has one."""
        workflow = service("glue")._workflows.get(trigger.get("WorkflowName"))
        with self._lock:
            if workflow:
                self.start_workflow(workflow, {})
            else:
                self._fire(trigger, None)


def _triggers(workflow: str) -> Iterator[Trigger]:
    """Return the triggers of a workflow; of none for the empty name."""
    for trigger in list(service("glue")._triggers.values()):
        if (trigger.get("WorkflowName") or "") == workflow:
            yield trigger


def _waits(trigger: Trigger) -> bool:
    return (trigger["Type"], trigger["State"]) == ("CONDITIONAL", "ACTIVATED")


def _key(name: str) -> tuple[str, str, str]:
    responses = core("responses")
    return responses.get_account_id(), responses.get_region(), name
