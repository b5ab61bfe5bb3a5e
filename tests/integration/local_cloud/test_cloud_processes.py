# SPDX-License-Identifier: Apache-2.0
"""A cloud starts, stops, and leaves nothing, whatever ends it."""

from __future__ import annotations

import http.client
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_cloud import LocalCloud, LocalCloudError
from local_cloud.processes import descendants
from tests.signals import default_signals

ROOT = Path(__file__).resolve().parents[3]
_LONG = 30_000  # milliseconds until a process must be gone
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary directory of the test's own: other clouds may run on this machine."""
    directory = tmp_path / "temporary"
    directory.mkdir()
    monkeypatch.setenv("TMPDIR", str(directory))
    monkeypatch.setattr(tempfile, "tempdir", None)  # what Python remembers of it
    return directory


def _await_end(pids: list[int]) -> None:
    """Wait for processes to end, without asking again and again."""
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        assert poll.poll(_LONG), f"process {pid} is still there"
        os.close(handle)


def _health(endpoint: str) -> int:
    host, _, port = endpoint.removeprefix("http://").partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=10)
    connection.request("GET", "/health")  # without a token: there, and closed to strangers
    status = connection.getresponse().status
    connection.close()
    return status


def test_two_clouds_at_once_have_all_of_their_own_and_leave_nothing(temporary: Path) -> None:
    with LocalCloud() as one, LocalCloud() as two:
        assert one.endpoint != two.endpoint
        assert (_health(one.endpoint), _health(two.endpoint)) == (403, 403)
        processes = [one.pid, two.pid, *descendants(one.pid), *descendants(two.pid)]
        assert len(processes) >= 4  # a supervisor and a server each
        assert len(list(temporary.iterdir())) == 2
    _await_end(processes)
    assert list(temporary.iterdir()) == []


def test_a_cloud_listens_on_this_machine_alone() -> None:
    with LocalCloud() as cloud:
        host, _, port = cloud.endpoint.removeprefix("http://").partition(":")
        listening = {
            line.split()[1]
            for name in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]
            if line.split()[1].endswith(f":{int(port):04X}") and line.split()[3] == "0A"  # state LISTEN
        }
    assert host == "127.0.0.1"
    assert listening == {f"0100007F:{int(port):04X}"}  # 127.0.0.1, as the kernel writes it


def test_a_server_that_cannot_start_is_an_error_with_the_end_of_its_log(
    tmp_path: Path, temporary: Path
) -> None:
    cloud = LocalCloud(log_path=tmp_path / "log", wait_scale=1.0)
    broken = f"raise SystemExit('no {tmp_path.name} today')"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("local_cloud.cloud.SERVER", ["-c", broken])
        with pytest.raises(LocalCloudError, match=f"no {tmp_path.name} today"):
            cloud.start()
    assert list(temporary.iterdir()) == []


@pytest.fixture
def command(temporary: Path) -> Iterator[subprocess.Popen[str]]:
    """``python -m local_cloud run`` with a command that says when it runs, and then does nothing."""
    arguments = [
        sys.executable,
        "-m",
        "local_cloud",
        "run",
        "--",
        "sh",
        "-c",
        "echo $AWS_ENDPOINT_URL; exec sleep 600",
    ]
    process = subprocess.Popen(
        arguments,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=default_signals,
    )
    yield process
    process.kill()
    process.wait()
    assert process.stdout
    process.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_nothing_outlives_the_command_line(
    command: subprocess.Popen[str], number: signal.Signals, temporary: Path
) -> None:
    assert command.stdout
    endpoint = command.stdout.readline().strip()
    assert _health(endpoint) == 403
    assert list(temporary.iterdir())
    below = descendants(command.pid)
    assert len(below) >= 3  # supervisor, server, command
    command.send_signal(number)
    command.wait(timeout=60)
    _await_end(below)
    assert list(temporary.iterdir()) == []


def test_the_exit_code_is_the_commands() -> None:
    run = [sys.executable, "-m", "local_cloud", "run", "--"]
    assert subprocess.run([*run, "sh", "-c", "exit 7"], cwd=ROOT, check=False).returncode == 7
    assert subprocess.run([*run, "sh", "-c", "kill -9 $$"], cwd=ROOT, check=False).returncode == 137


def test_a_command_that_does_not_exist_is_named() -> None:
    run = [sys.executable, "-m", "local_cloud", "run", "--", "no-such-command"]
    done = subprocess.run(run, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Cannot run 'no-such-command'" in done.stderr


def test_variables_of_another_account_do_not_reach_the_command() -> None:
    run = [sys.executable, "-m", "local_cloud", "run", "--", "env"]
    mine = {"AWS_PROFILE": "production", "AWS_SESSION_TOKEN": "secret", "OTHER": "stays"}
    done = subprocess.run(
        run, cwd=ROOT, env={**os.environ, **mine}, check=True, capture_output=True, text=True
    )
    variables = dict(line.partition("=")[::2] for line in done.stdout.splitlines())
    assert "AWS_PROFILE" not in variables
    assert variables["AWS_SESSION_TOKEN"] != "secret"
    assert variables["OTHER"] == "stays"
    assert variables["CDK_DEFAULT_ACCOUNT"] == "000000000000"
    assert variables["AWS_ENDPOINT_URL_S3"] == variables["AWS_ENDPOINT_URL"]
