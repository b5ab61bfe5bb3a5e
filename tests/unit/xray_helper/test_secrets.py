"""Secrets in exceptions, arguments, SQL, names and log lines: none is in anything that leaves the job."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.xray_common.planted import SECRETS
from xray_common import scrubbing
from xray_helper import Job, JsonLines, Settings, traced_job

PLANTED = [secret for _, secrets in SECRETS.values() for secret in secrets]
ROOM = 10_000_000  # bytes of the trace: nothing is left out


@pytest.fixture(autouse=True)
def patterns() -> Iterator[None]:
    yield
    scrubbing._extra.clear()


def found_in(*outputs: str) -> list[str]:
    assert all(outputs)
    return [secret for secret in PLANTED for output in outputs if secret in output]


def plant(job: Job) -> None:
    """Put each secret wherever an application may have it."""
    for text, _ in SECRETS.values():
        with contextlib.suppress(ValueError), job.step(f"Read {text}") as step:
            step.set_attribute("db.statement", f"{'SELECT 1; ' * 10}{text}")
            step.set_attribute("process.command_args", ["job.py", text])
            step.annotate(note=text)
            job.add_span(
                text, start_time_ns=1, end_time_ns=2, attributes={"a": text}, error=text, error_type="E"
            )
            job.log("connecting", argument=text, error=OSError(text), nested={"list": [text]})
            logging.getLogger("theirs").warning("cannot connect: %s", text)
            try:
                raise OSError(f"{'x' * 1_000}{text}")  # cut where it stands as a cause
            except OSError as error:
                raise ValueError(text) from error
    job.annotate(password="hun" + "ter2", db={"password": "hun" + "ter2"})
    with contextlib.suppress(KeyError), job.step("s"), job.tracer.start_as_current_span("theirs") as span:
        span.add_event("sql", {"statement": SECRETS["userinfo"][0], "password": "hun" + "ter2"})
        span.add_link(span.get_span_context(), {"url": SECRETS["userinfo"][0]})
        raise KeyError(SECRETS["userinfo"][0])


def test_none_gets_into_xray_or_into_a_document_in_progress(xray: Any) -> None:
    with (
        contextlib.suppress(ValueError),
        traced_job(settings=Settings(share_bytes=ROOM, checkpoint_s=0.0)) as job,
    ):
        plant(job)
        assert xray.put_arrived.wait(20)
        raise ValueError(SECRETS["userinfo"][0])
    assert job.delivery is not None and job.delivery.to_xray == job.delivery.made > 2 * len(SECRETS)
    assert found_in(*(body.decode() for _, body in xray.requests)) == []


def test_none_gets_to_a_collector_or_into_files(collector: Any, tmp_path: Path) -> None:
    settings = Settings(
        share_bytes=ROOM,
        otlp_endpoint=collector.url.replace("//", "//etl:hunter2@"),
        spans_uri=str(tmp_path),
        metrics=True,
        job_name=f"load {SECRETS['userinfo'][0]}",
    )
    with traced_job(settings=settings) as job:
        job.metrics.count("rows", 1, source=SECRETS["userinfo"][0])
        plant(job)
    assert {path for path, _ in collector.requests} == {"/v1/traces", "/v1/metrics"}
    (file,) = tmp_path.glob("*.otlp.jsonl")
    assert found_in(file.read_text()) == []
    bodies = found_in(*(body.decode(errors="ignore") for _, body in collector.requests))
    assert [secret for secret in bodies if len(secret) > 3] == []  # ids in there are random bytes


def test_none_is_in_a_spill_file_which_nobody_else_may_read(nowhere: str, tmp_path: Path) -> None:
    tmp_path.joinpath("elsewhere").write_text("mine")
    settings = Settings(
        share_bytes=ROOM, otlp_endpoint=nowhere, spill_uri=str(tmp_path / "spilled"), end_budget_s=2.0
    )
    with traced_job(settings=settings) as job:
        plant(job)
        mask = os.umask(0)
    os.umask(mask)
    assert job.delivery is not None and job.delivery.spilled == job.delivery.made
    (file,) = (tmp_path / "spilled").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert found_in(file.read_text()) == []


def test_a_link_in_place_of_the_spill_file_is_not_followed(tmp_path: Path) -> None:
    from xray_helper.export.files import write_file

    other = tmp_path / "other"
    other.write_text("theirs")
    (tmp_path / "_spans").symlink_to(other)
    write_file(str(tmp_path), "_spans", b"mine", seconds=1)
    assert (other.read_text(), (tmp_path / "_spans").read_text()) == ("theirs", "mine")


def test_none_is_in_a_log_line(capsys: pytest.CaptureFixture[str], nowhere: str) -> None:
    settings = Settings(
        log_correlation=True, end_budget_s=1.0, otlp_endpoint=nowhere.replace("//", "//etl:hunter2@")
    )
    with contextlib.suppress(ValueError), traced_job(settings=settings) as job:
        plant(job)
        raise ValueError(SECRETS["userinfo"][0])
    out, err = capsys.readouterr()
    assert found_in(out + err) == []
    assert all(json.loads(line) for line in out.splitlines())


def test_none_is_in_our_own_lines_of_another_format(caplog: pytest.LogCaptureFixture, nowhere: str) -> None:
    endpoint = nowhere.replace("//", "//etl:hunter2@")
    with traced_job(settings=Settings(otlp_endpoint=endpoint, metrics=True, end_budget_s=1.0)) as job:
        for text, _ in SECRETS.values():
            job._errors.count(f"reading {text}", ValueError(text))
    formatted = [logging.Formatter("%(message)s").format(record) for record in caplog.records]
    assert len(formatted) > len(SECRETS)
    assert found_in("\n".join(formatted)) == []


def test_a_traceback_in_a_line_has_none() -> None:
    try:
        raise OSError(SECRETS["userinfo"][0])
    except OSError as error:
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "failed", (), (OSError, error, None))
    assert found_in(JsonLines().format(record)) == []


def test_an_applications_own_pattern_counts_from_its_arguments(exported: Any) -> None:
    argv = ["--otlp_endpoint", "http://collector:4318", "--scrub_patterns", r"CUST-\d+|IBAN \w+"]
    with traced_job(argv=argv) as job:
        job.set_attribute("customer", "CUST-123 with IBAN DE89")
    assert exported[0].attributes["customer"] == "*** with ***"


def test_a_pattern_that_is_none_is_said_and_fails_nothing(
    exported: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with traced_job(settings=Settings(scrub_patterns="(")) as job:
        job.set_attribute("password", "hun" + "ter2")
    assert exported[0].attributes["password"] == "***"
    assert "reading the pattern of secrets" in caplog.text
