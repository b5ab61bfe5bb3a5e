# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from tests.serving import Serving
from trace_viewer import load
from trace_viewer.cli import main
from trace_viewer.xray.session import aws_session

ROOT = Path(__file__).parents[3]


def test_a_file_becomes_a_tree_and_every_format(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    targets = {
        name: tmp_path / "new folder" / f"trace.{name}" for name in ("html", "json", "otlp", "perfetto")
    }
    options = [part for name, path in targets.items() for part in (f"--{name}", str(path))]
    assert main(["--file", str(data / "pipeline.json"), *options]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("✓ OK  47.4s")
    assert err.count("wrote ") == 4
    assert json.loads(targets["json"].read_text()) == json.loads((data / "pipeline.json").read_text())
    assert targets["html"].read_text().startswith("<!doctype html>")
    assert "resourceSpans" in json.loads(targets["otlp"].read_text())
    assert "traceEvents" in json.loads(targets["perfetto"].read_text())


def test_a_file_needs_no_sdk_of_aws(tmp_path: Path, data: Path) -> None:
    code = (
        "import sys; from trace_viewer.cli import main; main(sys.argv[1:])\n"
        "sys.exit(int('boto3' in sys.modules or 'botocore' in sys.modules))"
    )
    options = ["--file", str(data / "pipeline.json"), "--html", str(tmp_path / "trace.html")]
    done = subprocess.run([sys.executable, "-c", code, *options], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_json_can_be_read_back(tmp_path: Path, data: Path) -> None:
    target = tmp_path / "trace.json"
    main(["--file", str(data / "schema_error.json"), "--json", str(target)])
    failure = load(target).tree.failure
    assert failure and failure.exception
    assert failure.exception.type == "transforms.errors.SchemaError"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        ("not json", "is not JSON: Expecting value"),
        ("{}", "holds no X-Ray trace: expected what `aws xray batch-get-traces` prints"),
        ("[1, 2]", "holds no X-Ray trace"),
        ('[{"a": 1}]', "holds no X-Ray trace"),
    ],
)
def test_a_file_without_a_trace_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, message: str
) -> None:
    path = tmp_path / "trace.json"
    if content is not None:
        path.write_text(content)
    assert main(["--file", str(path)]) == 1
    err = capsys.readouterr().err
    assert err.startswith(f"glue-xray view: {path} ") and message in err and err.count("\n") == 1


def test_an_empty_trace_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "trace.json"
    path.write_text('{"Id": "1-2-3", "Duration": 0, "Segments": []}')
    assert main(["--file", str(path)]) == 1
    assert (
        capsys.readouterr().err == "glue-xray view: The trace has no segment with an id and a start time.\n"
    )


def test_a_target_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--file", str(data / "pipeline.json"), "--json", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"glue-xray view: {tmp_path} cannot be written: Is a directory\n"


@pytest.mark.parametrize("arguments", [[], ["--latest", "--trace-id", "1-2-3"]])
def test_exactly_one_source_is_asked_for(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_the_output_of_the_aws_cli_is_a_trace(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "batch.json"
    path.write_text(
        json.dumps({"Traces": [json.loads((data / "pipeline.json").read_text())], "UnprocessedTraceIds": []})
    )
    assert main(["--file", str(path)]) == 0


def test_the_latest_trace_of_an_account(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    now = int(time.time())
    ids = {age: f"1-{now - age:08x}-0123456789abcdef01234567" for age in (500, 50)}
    with mock_aws():
        for age, trace_id in ids.items():
            times = {"start_time": now - age, "end_time": now - age + 2}
            document = {"trace_id": trace_id, "id": f"{age:016x}", "name": f"run {age}", **times}
            boto3.client("xray").put_trace_segments(TraceSegmentDocuments=[json.dumps(document)])
        assert main(["--latest", "--json", str(tmp_path / "trace.json")]) == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("  run 50")
    assert json.loads((tmp_path / "trace.json").read_text())["Id"] == ids[50]


class XRay(BaseHTTPRequestHandler):
    """Answers BatchGetTraces with the recorded pipeline, three segments a page, and has nothing of today."""

    recorded = json.loads((Path(__file__).parent / "data" / "pipeline.json").read_text())

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/TraceSummaries":
            return self.answer({"TraceSummaries": []})
        if self.path != "/Traces" or request["TraceIds"] != [self.recorded["Id"]]:
            return self.answer({"Traces": []})
        at = int(request.get("NextToken") or 0)
        page = {**self.recorded, "Segments": self.recorded["Segments"][at : at + 3]}
        more = {"NextToken": str(at + 3)} if at + 3 < len(self.recorded["Segments"]) else {}
        return self.answer({"Traces": [page], **more})

    def answer(self, data: object) -> None:
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def endpoint() -> Iterator[str]:
    with Serving(XRay) as server:
        yield server.url


def variables(endpoint: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL_XRAY": endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "PYTHONPATH": str(ROOT),
    }


def run(endpoint: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    settings = variables(endpoint)
    command = [sys.executable, "-m", "trace_viewer", *arguments]
    return subprocess.run(
        command, env=settings | environment, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def run_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Does what ``run`` does, in this process, which has imported the SDK already."""

    def run(endpoint: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        for name, value in (variables(endpoint) | environment).items():
            monkeypatch.setenv(name, value)
        code = main(arguments)
        out, err = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, out, err)

    return run


def test_the_command_asks_the_endpoint_of_the_environment(endpoint: str, tmp_path: Path, data: Path) -> None:
    recorded = json.loads((data / "pipeline.json").read_text())
    target = tmp_path / "trace.json"
    done = run(endpoint, "--trace-id", recorded["Id"], "--json", str(target), PYTHONIOENCODING="utf-8")
    assert (done.returncode, done.stderr) == (0, f"wrote {target}\n")
    assert "4,002 read → 3,682 clean, 0 duplicate, 320 rejected" in done.stdout
    fetched = json.loads(target.read_text())
    assert fetched["Id"] == recorded["Id"]
    by_id = {item["Id"]: json.loads(item["Document"]) for item in fetched["Segments"]}
    assert by_id == {item["Id"]: json.loads(item["Document"]) for item in recorded["Segments"]}


def test_no_trace_in_the_last_day_is_exit_code_one(run_here: Run, endpoint: str) -> None:
    done = run_here(endpoint, "--latest")  # the recorded one is older
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("glue-xray view: X-Ray has no trace of the last 24 hours:")


@pytest.mark.parametrize(("name", "code"), [("pipeline_failed", 2), ("pipeline", 0), ("running", 0)])
def test_a_failed_run_is_an_exit_status_where_that_is_asked_for(name: str, code: int, data: Path) -> None:
    arguments = ["--file", str(data / f"{name}.json")]
    assert main([*arguments, "--exit-status"]) == code
    assert main(arguments) == 0


def test_a_terminal_of_windows_keeps_its_umlauts(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    path.write_text(json.dumps([{"id": "1", "name": "Größe → 文", "start_time": 1, "end_time": 2}]))
    command = [sys.executable, "-m", "trace_viewer", "--file", str(path)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONIOENCODING": "cp1252"}, capture_output=True
    )
    assert "Größe > ?" in done.stdout.decode("cp1252")


def test_columns_and_encoding_of_the_terminal_are_respected(endpoint: str, data: Path) -> None:
    trace_id = json.loads((data / "pipeline.json").read_text())["Id"]
    done = run(endpoint, "--trace-id", trace_id, COLUMNS="50", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert max(map(len, done.stdout.splitlines())) <= 50


def test_no_x_ray_at_all_is_one_sentence(run_here: Run) -> None:
    done = run_here("http://127.0.0.1:9", "--latest", AWS_MAX_ATTEMPTS="1")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "glue-xray view: X-Ray could not be asked for its latest trace: Could not connect"
    )
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--trace-id", "foo"], "--trace-id 'foo' is no trace id: expected 1-<8 hex digits>-<24 hex digits>"),
        (["--trace-id", "1-2-3"], "'1-2-3' is no trace id"),
        (["--trace-id", f"1-{'0' * 8}-{'0' * 24}"], "is no trace id"),
        (
            ["--file", "F", "--filter", "error"],
            "--filter chooses among the traces of X-Ray",
        ),
        (["--trace-id", f"1-{'1' * 8}-{'1' * 24}", "--filter", "error"], "it needs --latest"),
        (["--file", "F", "--latest"], "name one trace"),
    ],
)
def test_what_would_be_ignored_is_refused(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert words in capsys.readouterr().err


def test_a_trace_id_of_opentelemetry_is_one_of_x_ray(run_here: Run, endpoint: str, data: Path) -> None:
    trace_id = json.loads((data / "pipeline.json").read_text())["Id"]
    done = run_here(endpoint, "--trace-id", trace_id[2:].replace("-", "").upper(), PYTHONIOENCODING="utf-8")
    assert (done.returncode, trace_id in done.stdout) == (0, True)


def test_a_trace_is_named_without_an_option(run_here: Run, endpoint: str, data: Path) -> None:
    path = data / "pipeline.json"
    trace_id = json.loads(path.read_text())["Id"]
    for arguments in ([trace_id], [str(path)], ["--file", str(path), trace_id]):
        done = run_here(endpoint, *arguments, PYTHONIOENCODING="utf-8")
        assert (done.returncode, trace_id in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["1-2-3"], "'1-2-3' is neither a trace id, 1-<8 hex digits>-<24 hex digits>, nor a file"),
        (["", "--latest"], "'' is neither a trace id"),
        (["pipeline.json", "--file", "F"], "pipeline.json and --file are one too many"),
        (["pipeline.json", "--latest"], "name one trace"),
    ],
)
def test_a_word_that_is_no_trace_is_one_sentence(
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(data)
    with pytest.raises(SystemExit):
        main(arguments)
    assert words in capsys.readouterr().err


class NoReader(io.TextIOBase):
    """A standard output whose reader is gone, like that of `head`."""

    encoding = "utf-8"

    def write(self, _: str) -> int:
        raise BrokenPipeError

    def fileno(self) -> int:
        return self.descriptor

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor


def test_files_are_written_before_anything_is_printed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, data: Path
) -> None:
    page = tmp_path / "trace.html"
    with (tmp_path / "pipe").open("w") as pipe:
        monkeypatch.setattr(sys, "stdout", NoReader(pipe.fileno()))
        assert main(["--file", str(data / "pipeline.json"), "--html", str(page)]) == 0
    assert page.read_text().endswith("</html>\n")


def test_a_reader_that_stops_early_costs_nothing(tmp_path: Path, data: Path) -> None:
    page = tmp_path / "trace.html"
    command = f"{sys.executable} -m trace_viewer --file {data / 'pipeline.json'} --html {page} | true"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, f"wrote {page}\n")
    assert page.exists()


NO_REGION = {"AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_CONFIG_FILE": "/nowhere"}


@pytest.mark.parametrize("arguments", [["--latest"], ["--file", "{data}/pipeline.json", "--logs"]])
def test_no_region_is_one_sentence(run_here: Run, endpoint: str, data: Path, arguments: list[str]) -> None:
    arguments = [argument.replace("{data}", str(data)) for argument in arguments]
    done = run_here(endpoint, *arguments, **NO_REGION)
    assert done.returncode == 1
    assert done.stderr.startswith("glue-xray view: AWS cannot be asked (")
    assert done.stderr.endswith("no region is known. Set AWS_REGION.\n")
    assert done.stderr.count("\n") == 1


def test_a_profile_that_is_not_there_is_one_sentence(run_here: Run, endpoint: str) -> None:
    done = run_here(endpoint, "--latest", AWS_PROFILE="nobody", AWS_CONFIG_FILE="/nowhere")
    assert done.returncode == 1
    assert done.stderr == (
        "glue-xray view: AWS cannot be asked: The config profile (nobody) could not be found\n"
    )


def test_the_region_of_the_environment_is_the_one_of_the_aws_cli(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    assert aws_session().region_name == "eu-central-1"
    monkeypatch.delenv("AWS_REGION")
    assert aws_session().region_name == "us-east-1"
