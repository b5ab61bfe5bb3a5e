# SPDX-License-Identifier: Apache-2.0
"""States of job runs, with a plain Python in place of Spark."""

from __future__ import annotations

import io
import os
import select
import socket
import sys
import textwrap
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_cloud.emulator import ApiError, service
from local_cloud.services.glue import python_modules
from local_cloud.services.glue.run import JobRun
from local_cloud.services.glue.service import GlueRuns
from local_cloud.services.spark import built
from local_cloud.services.spark.runtime import SparkRuntime

_SECONDS = 30.0  # until a run must have ended


class PythonRuntime(SparkRuntime):
    """Runs scripts without Spark."""

    def command(self, *, script: Path, arguments: list[str], **rest: Any) -> list[str]:
        return [sys.executable, str(script), *arguments]


class Objects:
    """An S3 client with the objects of a test."""

    def __init__(self) -> None:
        self.content: dict[str, str] = {}
        self.files: dict[str, bytes] = {}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's names
        return {"Body": io.BytesIO(self.files[Key])}

    def download_file(self, bucket: str, key: str, path: str) -> None:
        Path(path).write_text(self.content[key])


@pytest.fixture
def objects() -> Objects:
    return Objects()


@pytest.fixture
def runs(tmp_path: Path, objects: Objects, monkeypatch: pytest.MonkeyPatch) -> Iterator[GlueRuns]:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-the-cloud")
    monkeypatch.setattr(built, "build_file_system", lambda *_, **__: None)
    runtime = PythonRuntime(
        home=Path(sys.prefix), java_home=tmp_path, endpoint="http://127.0.0.1:9", network={}
    )
    monkeypatch.setattr(PythonRuntime, "spark_home", tmp_path)
    created = GlueRuns(runtime=runtime, directory=tmp_path / "glue")
    created._client = objects
    yield created
    created.close()
    assert list((tmp_path / "glue").glob("*")) == []  # a run takes its files with it


def _job(objects: Objects, script: str, **members: Any) -> dict[str, Any]:
    objects.content["job.py"] = textwrap.dedent(script)
    return {"Name": "job", "Command": {"ScriptLocation": "s3://b/job.py"}, **members}


def _log(run: JobRun, kind: str) -> list[str]:
    streams = service("cloudwatch_logs")._log_groups[f"/aws-glue/jobs/{kind}"]["streams"]
    return [event["message"] for event in streams[run.id]["events"]]


def _end(run: JobRun) -> JobRun:
    assert run.ended.wait(_SECONDS)
    return run


def test_a_run_that_ends_well_is_logged_and_described(runs: GlueRuns, objects: Objects) -> None:
    states: list[str] = []
    runs.listeners.append(lambda run: states.append(run.state))
    job = _job(objects, "import sys; print(sys.argv[1:]); print('oh', file=sys.stderr)", GlueVersion="5.1")
    run = _end(runs.start(job, {"Arguments": {"--day": "7"}}))
    assert states == ["RUNNING", "SUCCEEDED"]
    assert run.id.startswith("jr_") and len(run.id) == 3 + 64
    assert run.record["Arguments"] == {"--day": "7"}
    assert run.record["CompletedOn"] >= run.record["StartedOn"]
    assert run.record["ExecutionTime"] == 1  # seconds, rounded up
    assert _log(run, "output")[0].startswith("['--day', '7', '--JOB_ID', 'j_")
    assert _log(run, "error") == ["oh"]


def test_a_run_that_fails_says_what_the_script_raised(runs: GlueRuns, objects: Objects) -> None:
    script = """\
    import sys
    sys.stderr = sys.stdout  # as the driver of Spark does it
    raise ValueError("no such column")
    """
    run = _end(runs.start(_job(objects, script), {}))
    assert run.state == "FAILED"
    expected = "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 3; ValueError: no such column"
    assert run.record["ErrorMessage"] == expected


def test_a_script_that_is_missing_fails_the_run(runs: GlueRuns) -> None:
    from botocore.exceptions import ClientError

    class NoObjects:
        def download_file(self, bucket: str, key: str, path: str) -> None:
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "HeadObject")

    runs._client = NoObjects()
    run = _end(runs.start({"Name": "job", "Command": {"ScriptLocation": "s3://b/none.py"}}, {}))
    assert run.state == "FAILED"
    assert "Not Found" in run.record["ErrorMessage"]


def test_stop_sends_sigterm_first_and_ends_the_whole_group(
    runs: GlueRuns, objects: Objects, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "fifo")
    script = f"""\
    import signal, subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    def end(*_):
        print("terminated")
        sys.exit(0)
    signal.signal(signal.SIGTERM, end)
    with open({str(tmp_path / "fifo")!r}, "w") as fifo:
        fifo.write(str(child.pid))
    time.sleep(600)
    """
    run = runs.start(_job(objects, script), {})
    child = int((tmp_path / "fifo").read_text())  # blocks until the script is there
    runs.stop(run)
    assert run.state == "STOPPING"
    _end(run)
    assert run.state == "STOPPED"
    assert _log(run, "output") == ["terminated"]
    _await_end(child)
    with pytest.raises(ApiError):
        runs.stop(run)


def _await_end(pid: int) -> None:
    """Wait for the end of a process that is no child of ours."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    assert poll.poll(_SECONDS * 1000)
    os.close(handle)


def test_a_run_over_its_time_is_ended(runs: GlueRuns, objects: Objects) -> None:
    script = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_DFL); time.sleep(600)"
    run = _end(runs.start(_job(objects, script), {"Timeout": 0.01}))  # minutes
    assert run.state == "TIMEOUT"
    assert run.record["ErrorMessage"] == "Job run exceeded its timeout"


def test_a_driver_killed_from_outside_fails_the_run(runs: GlueRuns, objects: Objects) -> None:
    run = _end(runs.start(_job(objects, "import os; os.kill(os.getpid(), 9)"), {}))
    assert (run.state, run.record["ErrorMessage"]) == ("FAILED", "Command failed with exit code 137")


def test_more_runs_than_allowed_are_refused(runs: GlueRuns, objects: Objects) -> None:
    job = _job(objects, "import time; time.sleep(600)", ExecutionProperty={"MaxConcurrentRuns": 1})
    first = runs.start(job, {})
    with pytest.raises(ApiError) as caught:
        runs.start(job, {})
    assert caught.value.code == "ConcurrentRunsExceededException"
    assert [run.id for run in runs.of_job("job")] == [first.id]
    runs.stop(first)
    _end(first)


def test_with_queuing_they_wait_for_their_turn(runs: GlueRuns, objects: Objects, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    script = f"open({str(tmp_path / 'gate')!r}).read()"
    job = _job(objects, script, JobRunQueuingEnabled=True)
    first, second = runs.start(job, {}), runs.start(job, {})
    assert second.state == "WAITING"
    third = runs.start(job, {})
    runs.stop(third)  # what waits ends at once
    assert third.state == "STOPPED"
    for run in (first, second):
        (tmp_path / "gate").write_text("go")  # blocks until a script reads
        _end(run)
    assert (first.state, second.state) == ("SUCCEEDED", "SUCCEEDED")


_NAMED_BY_A_WHEEL = "import sys, greeting; print(greeting.TEXT)\n"


def _wheel(text: str) -> bytes:
    """Return a wheel with one module, which needs no index to be installed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("greeting.py", f"TEXT = {text!r}\n")
        archive.writestr(
            "greeting-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n"
        )
        wheel = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr("greeting-1.0.dist-info/WHEEL", wheel)
        archive.writestr("greeting-1.0.dist-info/RECORD", "")
    return packed.getvalue()


def test_modules_are_installed_by_pip_once(runs: GlueRuns, objects: Objects, tmp_path: Path) -> None:
    objects.files["greeting-1.0-py3-none-any.whl"] = _wheel("hello")
    job = _job(objects, _NAMED_BY_A_WHEEL)
    arguments = {
        "--additional-python-modules": "s3://b/greeting-1.0-py3-none-any.whl",
        "--python-modules-installer-option": "--no-index",
    }
    assert _log(_end(runs.start(job, {"Arguments": arguments})), "output") == ["hello"]
    (folder,) = (tmp_path / "python-modules").glob("*/greeting.py")
    folder.write_text("TEXT = 'kept'\n")  # an installation anew would replace it
    assert _log(_end(runs.start(job, {"Arguments": arguments})), "output") == ["kept"]
    objects.files["greeting-1.0-py3-none-any.whl"] = _wheel("another")  # the same list, other content
    assert _log(_end(runs.start(job, {"Arguments": arguments})), "output") == ["another"]


def test_pip_has_the_configuration_of_the_user_and_no_key_of_the_cloud(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.invalid/simple")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("PYTHONPATH", "/of/the/server")
    environment = python_modules._environment()
    assert environment["PIP_INDEX_URL"] == "https://mirror.invalid/simple"
    assert not {"AWS_SECRET_ACCESS_KEY", "PYTHONPATH"} & set(environment)


def test_requirements_are_a_file_that_an_option_announces(runs: GlueRuns, objects: Objects) -> None:
    objects.files["requirements.txt"] = b"# nothing but a comment\n"
    arguments = {
        "--additional-python-modules": "s3://b/requirements.txt",
        "--python-modules-installer-option": "--no-index -r",
    }
    assert _end(runs.start(_job(objects, "print(1)"), {"Arguments": arguments})).state == "SUCCEEDED"


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        ("--no-index", "Could not find a version that satisfies the requirement no-such-module"),
        ("--index-url http://127.0.0.1:9/simple --retries 1", "Connection refused"),
        ("--no-such-option", "no such option: --no-such-option"),
    ],
)
def test_what_pip_refuses_fails_the_run_with_its_reason(
    runs: GlueRuns, objects: Objects, option: str, reason: str
) -> None:
    arguments = {
        "--additional-python-modules": "no-such-module==1",
        "--python-modules-installer-option": option,
    }
    run = _end(runs.start(_job(objects, "print(1)"), {"Arguments": arguments}))
    message = run.record["ErrorMessage"]
    assert run.state == "FAILED"
    assert message.startswith("LAUNCH ERROR | Packages no-such-module==1: pip says ")
    assert reason in message and "\n" not in message


def test_a_run_is_stopped_while_pip_waits(runs: GlueRuns, objects: Objects) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # an index that never answers
        arguments = {
            "--additional-python-modules": "no-such-module",
            "--python-modules-installer-option": f"--index-url http://127.0.0.1:{silent.getsockname()[1]}/",
        }
        run = runs.start(_job(objects, "print(1)"), {"Arguments": arguments})
        silent.accept()
        runs.stop(run)
        assert _end(run).state == "STOPPED"


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ({"WorkerType": "R.4X", "NumberOfWorkers": 3}, None),
        ({"WorkerType": "G.2X", "NumberOfWorkers": 3, "ExecutionClass": "FLEX"}, 6),
        ({"NumberOfWorkers": 4, "Arguments": {"--enable-auto-scaling": "true"}}, 4),
    ],
)
def test_a_run_says_what_it_is_billed_for(
    runs: GlueRuns, objects: Objects, request_: dict[str, Any], expected: int | None
) -> None:
    """``DPUSeconds`` is there for flexible runs and for those that scale, as the API reference has it."""
    record = _end(runs.start(_job(objects, "print(1)"), request_)).record

    assert record["ExecutionTime"] > 0
    assert record.get("DPUSeconds") == (expected and expected * record["ExecutionTime"])
    if request_.get("WorkerType") == "R.4X":
        assert record["MaxCapacity"] == 12


def test_a_python_shell_job_is_plain_python_with_groups_and_capacity_of_its_own(
    runs: GlueRuns, objects: Objects
) -> None:
    job = _job(objects, "import sys\nprint('out')\nraise ValueError('shell')")
    job["Command"]["Name"] = "pythonshell"
    run = _end(runs.start(job, {}))
    streams = service("cloudwatch_logs")._log_groups["/aws-glue/python-jobs/output"]["streams"]
    assert [event["message"] for event in streams[run.id]["events"]] == ["out"]
    expected = "Error Category: UNCLASSIFIED_ERROR; Failed Line Number: 3; ValueError: shell"
    assert run.record["ErrorMessage"] == expected
    assert (run.record["MaxCapacity"], run.record["Timeout"]) == (0.0625, 2880)
    assert "WorkerType" not in run.record
