# SPDX-License-Identifier: Apache-2.0
"""The distribution, installed into empty environments: what each extra brings, and what the command says."""

from __future__ import annotations

import json

import pytest

from tests.integration.package.conftest import ROOT, Install, Installation

TRACE = ROOT / "tests" / "unit" / "trace_viewer" / "data" / "pipeline.json"
JOB = """
import importlib.util, sys
from xray_helper import step, traced_job
with traced_job("nightly"):
    with step("Read"):
        print("read")
assert not [name for name in ("aws_cdk", "rich", "ministack", "pyspark") if importlib.util.find_spec(name)]
print("opentelemetry" in sys.modules)
"""


@pytest.fixture(scope="module", params=["pinned", "3.10, oldest", "3.9, newest", "3.13, newest"])
def base(request: pytest.FixtureRequest, install: Install) -> Installation:
    """The base with this Python, with Glue 4.0's, with that of Python shell jobs, and with a new one."""
    python, _, packages = request.param.rpartition(", ")
    return install(python=python, packages=packages) if python else install()


def test_without_arguments_a_job_runs_untraced(base: Installation) -> None:
    assert base.run("python", "-c", JOB).stdout == "read\nFalse\n"


def test_a_traced_job_writes_its_spans(base: Installation) -> None:
    spans, spilled = base.folder / "spans", base.folder / "spilled"
    arguments = [
        "--spans_uri",
        str(spans),
        "--spill_uri",
        str(spilled),
        "--otlp_endpoint",
        "http://127.0.0.1:9",
    ]
    done = base.run("python", "-c", JOB, *arguments)
    assert done.stdout == "read\nTrue\n"
    [file] = spans.iterdir()
    request = json.loads(file.read_text())
    names = {s["name"] for r in request["resourceSpans"] for scope in r["scopeSpans"] for s in scope["spans"]}
    assert names == {"nightly", "Read"}


def test_the_command_names_its_version_and_its_subcommands(base: Installation) -> None:
    assert base.run("glue-xray", "--version").stdout == "glue-xray 0.2.0\n"
    shown = base.run("glue-xray", "--help").stdout
    assert all(f"\n  {name}" in shown for name in ("view", "run", "local", "resend"))


def test_a_script_is_run_as_it_is(base: Installation) -> None:
    (base.folder / "orders.py").write_text("import sys; print(sys.argv[1:]); sys.exit(3)")
    done = base.run(
        "glue-xray", "run", "--otlp_endpoint", "file", "--spill_uri", "kept", "orders.py", "-h", code=3
    )
    assert done.stdout == "['-h']\n"
    [file] = (base.folder / "kept").iterdir()
    assert json.loads(file.read_text())["name"] == "orders"


def test_an_unknown_command_is_a_usage_error(base: Installation) -> None:
    assert "choose from" in base.run("glue-xray", "show", code=2).stderr


def test_a_spilled_file_that_is_empty_is_sent(base: Installation) -> None:
    (base.folder / "spans.jsonl").write_text("")
    done = base.run("glue-xray", "resend", "spans.jsonl", AWS_DEFAULT_REGION="eu-west-1")
    assert done.stdout == "spans.jsonl: sent 0 of 0 segments.\n"


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("view", 'glue-xray view needs the viewer: pip install ".[viewer]" in a clone of its repository\n'),
        (
            "local",
            'glue-xray local needs the local cloud: pip install ".[local]" in a clone of its repository\n',
        ),
    ],
)
def test_a_missing_extra_is_one_sentence(
    install: Install, base: Installation, command: str, sentence: str
) -> None:
    old = base.run("python", "-c", "import sys; print(sys.version_info < (3, 11))").stdout == "True\n"
    expected = f"glue-xray {command} needs Python 3.11 or newer\n" if old else sentence
    assert base.run("glue-xray", command, code=1).stderr == expected


def test_the_viewer_shows_a_trace_and_writes_its_page(install: Install) -> None:
    viewer = install("[viewer]")
    shown = viewer.run("glue-xray", "view", "--file", str(TRACE), "--html", "trace.html").stdout
    assert "start-pipeline  Lambda" in shown
    page = (viewer.folder / "trace.html").read_text()
    assert page.lower().startswith("<!doctype html>")
    assert "start-pipeline" in page
    # and its exit code passes through
    assert viewer.run("glue-xray", "view", "--file", "nowhere.json", code=1).stderr.startswith(
        "glue-xray view: "
    )


def test_a_page_is_made_of_a_script(install: Install) -> None:
    viewer = install("[viewer]")
    (viewer.folder / "orders.py").write_text("raise ValueError('no orders')")
    done = viewer.run("glue-xray", "run", "--html", "trace.html", "orders.py", code=1)
    assert done.stderr.splitlines()[0] == "glue-xray run: 1 span on trace.html"
    assert "no orders" in (viewer.folder / "trace.html").read_text()


@pytest.mark.parametrize("python", ["3.9", "3.10"])
def test_without_a_python_for_the_viewer_no_script_is_run_for_a_page(install: Install, python: str) -> None:
    viewer = install("[viewer]", python=python, packages="newest")
    (viewer.folder / "orders.py").write_text("print('ran')")
    done = viewer.run("glue-xray", "run", "--html", "trace.html", "orders.py", code=2)
    assert done.stdout == ""
    assert done.stderr.startswith("glue-xray run: --html needs Python 3.11 or newer")


def test_the_local_cloud_runs_a_command(local: Installation) -> None:
    code = (
        "import boto3; s3 = boto3.client('s3'); s3.create_bucket(Bucket='ours'); "
        "print([bucket['Name'] for bucket in s3.list_buckets()['Buckets']]); raise SystemExit(7)"
    )
    assert local.run("glue-xray", "local", "run", "--", "python", "-c", code, code=7).stdout == "['ours']\n"
