# SPDX-License-Identifier: Apache-2.0
"""The caller's id of a run, from the metadata of the object."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from start_pipeline import correlation
from start_pipeline.execution import execution_input
from start_pipeline.object_version import ObjectVersion
from start_pipeline.s3_events import object_version
from tests.serving import Serving

RECORD = {
    "eventTime": "2026-11-21T09:00:00.000Z",
    "s3": {
        "bucket": {"name": "data"},
        "object": {"key": "input/a+b.csv", "versionId": "v1", "eTag": "e", "sequencer": "01"},
    },
}


OPTIONS = ["-h", "--help", "--run_date=1900-01-01", "--traces=off", "-", "_x", ".x"]


@pytest.fixture
def upload() -> ObjectVersion:
    return object_version(RECORD)


class S3(Serving):
    """Answers HEAD requests."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.paths: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                outer.paths.append(self.path)
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Stay quiet."""

        super().__init__(Handler)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    monkeypatch.setenv("LOG_CORRELATION", "on")
    for name, value in (("ACCESS_KEY_ID", "a"), ("SECRET_ACCESS_KEY", "b"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    correlation.client.cache_clear()
    with S3() as fake:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", fake.url)
        yield fake
    correlation.client.cache_clear()


@pytest.mark.parametrize("name", ["x-amz-meta-correlation-id", "x-amz-meta-correlation_id"])
def test_the_id_of_this_version_is_taken(s3: S3, upload: ObjectVersion, name: str) -> None:
    s3.headers = {name: "manual__2026-11-21T00:00:00+00:00"}
    assert correlation.correlation_id(upload) == "manual__2026-11-21T00:00:00+00:00"
    assert s3.paths == ["/data/input/a%20b.csv?versionId=v1"]


@pytest.mark.parametrize("given", ["", "two words", 'a"b', "x" * 129, *OPTIONS])
def test_what_would_confuse_a_search_is_not_taken(s3: S3, upload: ObjectVersion, given: str) -> None:
    s3.headers = {"x-amz-meta-correlation-id": given}
    assert correlation.correlation_id(upload) is None


@pytest.mark.parametrize("status", [403, 404, 500, 503])
def test_an_s3_that_does_not_answer_costs_one_call(s3: S3, upload: ObjectVersion, status: int) -> None:
    s3.status = status
    assert correlation.correlation_id(upload) is None
    assert len(s3.paths) == 1


def test_without_metadata_there_is_none(s3: S3, upload: ObjectVersion) -> None:
    assert correlation.correlation_id(upload) is None


def test_off_asks_nobody(s3: S3, upload: ObjectVersion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_CORRELATION", "off")
    assert correlation.correlation_id(upload) is None
    assert s3.paths == []


def test_the_execution_gets_it_only_where_there_is_one(upload: ObjectVersion) -> None:
    without = execution_input(upload, name="n", trace_header="h")
    with_one = execution_input(upload, name="n", trace_header="h", correlation_id="c")
    assert "correlation_id" not in without
    assert with_one == {**without, "correlation_id": "c"}
