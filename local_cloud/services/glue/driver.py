# SPDX-License-Identifier: Apache-2.0
"""One run of a Glue job: its arguments in, its state, error message and logs out.

A Python shell job (``pythonshell``) is plain Python, without Spark; every other job runs on the Spark driver.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local_cloud.environment import JOB_SIDE
from local_cloud.process_group import exit_code
from local_cloud.services.glue import library_set
from local_cloud.services.glue.failure import error_message
from local_cloud.services.glue.log_groups import group_prefix
from local_cloud.services.glue.python_modules import (
    MODULES,
    InstallError,
    PythonModules,
    read_object,
)
from local_cloud.services.glue.run import JobRun, is_python_shell
from local_cloud.services.glue.shell_python import ShellPython
from local_cloud.services.logs.streams import LogStream
from local_cloud.services.spark.driver import Ended, SparkDriver, Submission, watch
from local_cloud.services.spark.runtime import SparkRuntime


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a driver ended: the state of its run and the error message."""

    state: str
    error: str = ""


_CUT_SHORT = {
    Ended.STOPPED: Outcome(state="STOPPED"),
    Ended.TIMED_OUT: Outcome(state="TIMEOUT", error="Job run exceeded its timeout"),
}


class Driver:
    """Runs the script of one job run.

    Parameters
    ----------
    run
        The run; its ``stop_requested`` event stops the driver.
    runtime
        The Spark installation.
    directory
        A directory of this run alone; removed at the end.
    client
        A boto3 S3 client.
    modules
        Installs packages from the index.
    shell
        The Python of a Python shell job, where it has one of its own.
    """

    def __init__(
        self,
        *,
        run: JobRun,
        runtime: SparkRuntime,
        directory: Path,
        client: Any,
        modules: PythonModules,
        shell: ShellPython | None,
    ) -> None:
        self._run = run
        self._script = run.arguments.all.get("--scriptLocation") or run.job["Command"]["ScriptLocation"]
        self._spark = not is_python_shell(run.job)
        self._runtime = runtime
        self._directory = directory
        self._client = client
        self._modules = shell.modules if shell else modules
        self._shell = shell

    def execute(self) -> Outcome:
        """Run the script to its end and return how it ended."""
        try:
            process = self._start()
        except (ClientError, InstallError) as error:  # the script or one of its modules is not to be had
            return Outcome(state="FAILED", error=f"LAUNCH ERROR | {error}")
        if process is None:
            return _CUT_SHORT[Ended.STOPPED]
        output, error_log = self._log_streams(process)
        self._run.become("RUNNING")
        ended = watch(process, stop=self._run.stop_requested, timeout_s=self._run.timeout)
        text, errors = output.text(), error_log.text()
        if not self._spark:  # Spark's driver prints a script's errors among its output
            text += "\n" + errors
        if ended in _CUT_SHORT:
            return _CUT_SHORT[ended]
        if process.returncode == 0:
            return Outcome(state="SUCCEEDED")
        code, name = exit_code(process.returncode), self._script.rpartition("/")[2]
        return Outcome(state="FAILED", error=error_message(text, script_name=name, exit_code=code))

    def remove_files(self) -> None:
        """Remove the directory of the run."""
        shutil.rmtree(self._directory, ignore_errors=True)

    def _start(self) -> subprocess.Popen[bytes] | None:
        """Start the script; None when the run was stopped before."""
        stop = self._run.stop_requested
        folder = self._modules.folder(self._run.arguments.all, client=self._client, stop=stop)
        libraries = self._shell_libraries(stop)
        if stop.is_set():
            return None
        submission = self._submission([*([folder] if folder else []), JOB_SIDE, *libraries])
        return SparkDriver(
            submission, runtime=self._runtime, directory=self._directory, client=self._client
        ).start()

    def _shell_libraries(self, stop: threading.Event) -> list[Path]:
        """Return the folders of what Glue has for a Python shell job, as far as the run's files import it."""
        if self._shell is None:
            return []
        uris = [self._script, *self._run.arguments.file_list("--extra-py-files")]
        files = [read_object(self._client, uri) for uri in uris if uri.endswith(".py")]
        wanted = library_set.wanted(
            (file.decode(errors="replace") for file in files), self._run.arguments.all
        )
        folder = self._modules.folder({MODULES: ",".join(wanted)}, client=self._client, stop=stop)
        return [*([folder] if folder else []), self._shell.libraries]

    def _submission(self, import_path: list[Path]) -> Submission:
        run, arguments, name = self._run, self._run.arguments, str(self._run.job["Name"])
        return Submission(
            name=name,
            script=self._script,
            modules=arguments.file_list("--extra-py-files"),
            arguments=arguments.script_arguments(job_name=name, job_id=job_id(name), run_id=run.id),
            settings=arguments.spark_configuration(),
            role=str(run.job.get("Role", "")),
            session=run.id,
            variables=arguments.environment(),
            import_path=import_path,
            spark=self._spark,
            python=self._shell.python if self._shell else None,
        )

    def _log_streams(self, process: subprocess.Popen[bytes]) -> tuple[LogStream, LogStream]:
        prefix = group_prefix(
            self._run.arguments.all,
            security_configuration=self._run.record.get("SecurityConfiguration", ""),
            role=str(self._run.job.get("Role", "")),
            spark=self._spark,
        )
        name = self._run.arguments.all.get("--custom-logStream-prefix")
        stream = f"{name}-{self._run.id}" if name else self._run.id
        assert process.stdout and process.stderr  # noqa: S101 - both are pipes
        return (
            LogStream(pipe=process.stdout, place=(f"{prefix}/output", stream)),
            LogStream(pipe=process.stderr, place=(f"{prefix}/error", stream)),
        )


def job_id(job_name: str) -> str:
    """Return the ``--JOB_ID`` of a job: the same for every run of it."""
    return "j_" + hashlib.sha256(job_name.encode()).hexdigest()
