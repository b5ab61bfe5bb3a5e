# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.signals import default_signals
from tests.unit.trace_viewer.documents import as_trace, doc
from trace_viewer import Trace, TraceNotFoundError
from trace_viewer.cli import main
from trace_viewer.rendering.live.server import Page, Server, live_page
from trace_viewer.xray.watch import Watch

ROOT = Path(__file__).parents[4]
RUNNING = as_trace(doc("nightly", 0, None))
DONE = as_trace(doc("nightly", 0, 5))


@contextmanager
def serving(page: Callable[[], Page]) -> Iterator[Server]:
    with Server(page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def get(server: Server, path: str = "/", **headers: str) -> tuple[int, str | None, str]:
    """Return the status, the Refresh header and the body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.getheader("Refresh"), answer.read().decode()


def test_the_page_is_fetched_anew_and_asks_for_news_until_the_run_is_over() -> None:
    answers: list[Trace] = [RUNNING, DONE]

    def fetch() -> Trace:
        if not answers:
            raise TraceNotFoundError("X-Ray has no trace yet")
        return answers[0]

    waiting, answers[:] = answers[:], []
    with serving(live_page(Watch(fetch, quiet=0, patience=None))) as server:
        status, refresh, body = get(server)
        assert (status, refresh) == (200, "3") and "X-Ray has no trace yet" in body
        answers.append(waiting[0])
        status, refresh, body = get(server)
        assert refresh is None and "… Running: nightly" in body  # a reload would lose what is searched for
        assert " data-live" in body and "connect-src 'self'" in body
        answers[:] = waiting[1:]
        status, refresh, body = get(server)
        assert refresh is None and "✓ OK: nightly" in body
        assert " data-live" not in body and "connect-src" not in body


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1", ""])
def test_a_name_that_is_not_this_machine_gets_no_trace(host: str) -> None:
    with serving(lambda: Page("secret")) as server:
        status, _, body = get(server, Host=host)
    assert status == 403 and "secret" not in body


def test_there_is_one_page() -> None:
    with serving(lambda: Page("page")) as server:
        assert get(server, Host=f"localhost:{server.server_port}")[2] == "page"
        assert get(server, "/etc/passwd")[0] == 404


def test_only_this_machine_is_served() -> None:
    with serving(lambda: Page("page")) as server:
        assert server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize("extra", [[], ["--compare", "pipeline.json"]])
def test_the_command_serves_until_ctrl_c(data: Path, extra: list[str]) -> None:
    command = [sys.executable, "-m", "trace_viewer", "--file", "pipeline.json", "--serve", *extra]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(
        command,
        cwd=data,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=default_signals,
    ) as running:
        assert running.stdout
        url = running.stdout.readline().split()[0]
        connection = http.client.HTTPConnection(url.removeprefix("http://").rstrip("/"), timeout=30)
        connection.request("GET", "/")
        body = connection.getresponse().read().decode()
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    assert ('class="comparison"' if extra else "start-pipeline") in body
    assert (running.returncode, err) == (0, "")


def test_a_port_that_is_taken_is_one_sentence(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main(["--file", str(data / "pipeline.json"), "--serve", str(port)]) == 1
    err = capsys.readouterr().err
    assert (
        err.startswith(f"glue-xray view: port {port} of 127.0.0.1 cannot be used:") and err.count("\n") == 1
    )


def test_a_server_writes_no_file(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--file", str(data / "pipeline.json"), "--serve", "--html", "x.html"])
    assert caught.value.code == 2
    assert "--serve writes no file: leave out --html" in capsys.readouterr().err
