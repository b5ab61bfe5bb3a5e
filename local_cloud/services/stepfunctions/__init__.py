# SPDX-License-Identifier: Apache-2.0
"""What Step Functions needs to drive Glue jobs for real."""

from __future__ import annotations

from typing import Any

from local_cloud.emulator import service
from local_cloud.services.glue import GlueRuns
from local_cloud.services.stepfunctions import glue_jobs, history
from local_cloud.services.stepfunctions.executions import Executions
from local_cloud.services.stepfunctions.running import RunningTasks
from local_cloud.services.stepfunctions.task import GlueTask, call_glue

__all__ = ["install"]


def install(runs: GlueRuns) -> None:
    """Extend ministack's Step Functions."""
    states = service("stepfunctions")
    tasks = RunningTasks()
    execute_task = states._execute_task

    def execute(
        state: dict[str, Any], state_input: Any, execution: dict[str, Any], context: dict[str, Any]
    ) -> Any:
        mocked = states._sfn_mock_config and execution.get("testCase")
        if mocked or not state.get("Resource", "").startswith(glue_jobs.RESOURCE):
            return execute_task(state, state_input, execution, context)
        task = GlueTask(
            runs=runs, tasks=tasks, state=state, state_input=state_input, execution=execution, context=context
        )
        return task.execute()

    states._SERVICE_DISPATCH[glue_jobs.RESOURCE] = call_glue
    states._execute_task = execute
    Executions(tasks).install()
    history.install()
