# SPDX-License-Identifier: Apache-2.0
"""Run Glue jobs of a test, and read what they printed."""

from __future__ import annotations

from typing import Any

from tests.waiting import TERMINAL, Client, wait_until

_SECONDS = 240.0  # until a run must have ended


def create_job(
    aws: Client, bucket: str, name: str, script: str, kind: str = "glueetl", **members: Any
) -> None:
    """Make a job of a script."""
    aws("s3").put_object(Bucket=bucket, Key=f"scripts/{name}.py", Body=script)
    command = {"Name": kind, "ScriptLocation": f"s3://{bucket}/scripts/{name}.py", "PythonVersion": "3"}
    aws("glue").create_job(Name=name, Role="r", Command=command, **members)


def run_job(
    aws: Client, bucket: str, name: str, script: str, kind: str = "glueetl", **request: Any
) -> dict[str, Any]:
    """Make a job and run it to its end."""
    create_job(aws, bucket, name, script, kind)
    return ended(aws, name, aws("glue").start_job_run(JobName=name, **request)["JobRunId"])


def ended(aws: Client, name: str, run_id: str) -> dict[str, Any]:
    """Wait for the end of a run."""

    def terminal() -> dict[str, Any] | None:
        found: dict[str, Any] = aws("glue").get_job_run(JobName=name, RunId=run_id)["JobRun"]
        return found if found["JobRunState"] in TERMINAL else None

    run: dict[str, Any] = wait_until(terminal, seconds=_SECONDS)
    return run


def messages(aws: Client, group: str, stream: str) -> list[str]:
    """Return the lines of a log stream."""
    events = aws("logs").get_log_events(logGroupName=group, logStreamName=stream)["events"]
    return [event["message"] for event in events]
