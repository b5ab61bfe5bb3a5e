# SPDX-License-Identifier: Apache-2.0
"""The function that fills the DAG bucket, with an S3 and a listener in CloudFormation's place."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
from moto import mock_aws

from with_airflow.deploy_dags.handler import handler

SOURCE, TARGET = "assets", "dags-of-airflow"
FILES = {"report.py": "DAG", "helpers/trace.py": "HELP", "requirements.txt": "a==1"}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3")
        for bucket in (SOURCE, TARGET):
            client.create_bucket(Bucket=bucket)
        client.put_bucket_versioning(Bucket=TARGET, VersioningConfiguration={"Status": "Enabled"})
        yield client


@pytest.fixture
def answers() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Address to answer to -> what was answered."""
    received: list[dict[str, Any]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", received
    server.shutdown()
    server.server_close()
    thread.join()


def event(url: str, kind: str, key: str = "a.zip") -> dict[str, Any]:
    return {
        "RequestType": kind,
        "ResponseURL": url,
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Deployed",
        "ResourceProperties": {
            "Bucket": TARGET,
            "Prefix": "dags/",
            "SourceBucket": SOURCE,
            "SourceKey": key,
        },
    }


def put_zip(s3: Any, key: str, files: dict[str, str]) -> None:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("helpers/", "")
        for name, content in files.items():
            archive.writestr(name, content)
    s3.put_object(Bucket=SOURCE, Key=key, Body=body.getvalue())


def content(s3: Any) -> dict[str, str]:
    listed = s3.list_objects_v2(Bucket=TARGET).get("Contents", [])
    return {o["Key"]: s3.get_object(Bucket=TARGET, Key=o["Key"])["Body"].read().decode() for o in listed}


def test_the_files_are_there_and_the_version_of_the_requirements_is_told(
    s3: Any, answers: tuple[str, list[dict[str, Any]]]
) -> None:
    url, received = answers
    put_zip(s3, "a.zip", FILES)
    handler(event(url, "Create"), None)
    assert content(s3) == {
        "dags/report.py": "DAG",
        "dags/helpers/trace.py": "HELP",
        "dags/requirements.txt": "a==1",
    }
    version = s3.head_object(Bucket=TARGET, Key="dags/requirements.txt")["VersionId"]
    assert received == [
        {
            "PhysicalResourceId": "dags-of-airflow/dags/",
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "Deployed",
            "Status": "SUCCESS",
            "Data": {"RequirementsVersion": version},
        }
    ]


def test_a_file_that_left_the_zip_leaves_the_folder_and_nothing_else(
    s3: Any, answers: tuple[str, list[dict[str, Any]]]
) -> None:
    url, received = answers
    s3.put_object(Bucket=TARGET, Key="emr-logs/run/stdout", Body=b"")
    put_zip(s3, "a.zip", FILES)
    put_zip(s3, "b.zip", {"other.py": "NEW", "requirements.txt": "a==2"})
    handler(event(url, "Create"), None)
    handler(event(url, "Update", "b.zip"), None)
    assert content(s3) == {
        "dags/other.py": "NEW",
        "dags/requirements.txt": "a==2",
        "emr-logs/run/stdout": "",
    }
    first, second = (answer["Data"]["RequirementsVersion"] for answer in received)
    assert first != second  # so that MWAA installs the new list
    assert received[0]["PhysicalResourceId"] == received[1]["PhysicalResourceId"]


def test_deleting_does_nothing_but_answer(s3: Any, answers: tuple[str, list[dict[str, Any]]]) -> None:
    url, received = answers
    handler(event(url, "Delete", "gone.zip"), None)
    assert [(answer["Status"], answer["Data"]) for answer in received] == [("SUCCESS", {})]


def test_what_goes_wrong_is_told_to_cloudformation(
    s3: Any, answers: tuple[str, list[dict[str, Any]]]
) -> None:
    url, received = answers
    handler(event(url, "Create", "missing.zip"), None)
    (answer,) = received
    assert answer["Status"] == "FAILED"
    assert answer["Reason"].startswith("The DAG folder could not be deployed: ")
    assert "NoSuchKey" in answer["Reason"]
