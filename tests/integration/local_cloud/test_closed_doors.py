# SPDX-License-Identifier: Apache-2.0
"""Neither another user of the machine nor a web page gets into a running cloud."""

from __future__ import annotations

import functools
import json
import os
import re
import subprocess
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import boto3
import pytest

from local_cloud import LocalCloud
from local_cloud.control import ask
from local_cloud.processes import descendants
from tests.integration.local_cloud.strangers import as_nobody, calls, get, listening, post, readable
from tests.integration.trace_viewer.test_viewer_browser import missing_package, node
from tests.serving import Serving
from tests.waiting import Client
from trace_viewer.rendering.live.server import Page, Server

HERE = Path(__file__).parent
REFUSED = 403
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def _functions(aws: Client) -> list[str]:
    return [function["FunctionName"] for function in aws("lambda").list_functions()["Functions"]]


@only_root
def test_another_user_runs_no_code(cloud: LocalCloud, aws: Client, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    assert cloud.endpoint in as_nobody(listening)  # that they find
    for path, body in calls(mark):
        assert as_nobody(post, cloud.endpoint, path, body) == REFUSED
    assert "theirs" not in _functions(aws)
    assert not mark.exists()


@only_root
def test_another_user_reads_the_token_nowhere(cloud: LocalCloud) -> None:
    token = cloud.credentials["aws_session_token"]
    processes = [cloud.pid, *descendants(cloud.pid)]
    # In the environment of the cloud's own processes it is, where their user alone reads it; nowhere else
    own = readable(token, processes, [])
    assert own and all(place.endswith("/environ") for place in own)
    assert token not in cloud.log_path.read_text(errors="replace")
    assert as_nobody(readable, token, processes, [cloud.log_path.parent]) == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Amz-Security-Token": "guessed"},
        {"X-Amz-Security-Token": ""},
        {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request"},
        {"Authorization": "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/lambda/aws4_request"},
        {"Host": "evil.example"},
        {"Host": "lambda.us-east-1.amazonaws.com"},
    ],
)
def test_plain_requests_are_refused(cloud: LocalCloud, tmp_path: Path, headers: dict[str, str]) -> None:
    for path, body in calls(tmp_path / "mark"):
        assert post(cloud.endpoint, path, body, headers) == REFUSED


@pytest.mark.parametrize(
    "path",
    ["/health", "/_ministack/reset", "/_ministack/config", "/_local_cloud/faults", "/_local_cloud/clock",
     "/_local_cloud/xray", "/_local_cloud/permissions", "/TraceSegments", "/v1/traces", "/a-bucket/key"],
)  # fmt: skip
def test_no_door_is_open(cloud: LocalCloud, path: str) -> None:
    assert post(cloud.endpoint, path, "{}") == REFUSED


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost:8000"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "none"},
        {"Host": "evil.example"},
    ],
)
def test_a_token_does_not_help_a_web_page(cloud: LocalCloud, tmp_path: Path, headers: dict[str, str]) -> None:
    token = {"X-Amz-Security-Token": cloud.credentials["aws_session_token"]}
    path, body = calls(tmp_path / "mark")[1]
    assert post(cloud.endpoint, path, body, {**token, **headers}) == REFUSED
    assert post(cloud.endpoint, path, body, token) == 404  # there is no such function


def test_no_answer_lets_another_origin_read_it(cloud: LocalCloud) -> None:
    token = {"X-Amz-Security-Token": cloud.credentials["aws_session_token"]}
    request = urllib.request.Request(f"{cloud.endpoint}/health", headers=token)  # noqa: S310 - our own cloud
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - the same
        assert answer.status == 200
        assert [name for name in answer.headers if name.lower().startswith("access-control-")] == []


def test_a_presigned_address_is_let_in_and_not_without_its_token(aws: Client, bucket: str) -> None:
    aws("s3").put_object(Bucket=bucket, Key="a b/ü", Body=b"x")
    address = aws("s3").generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b/ü"})
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own cloud
        assert answer.read() == b"x"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(re.sub("(?i)x-amz-security-token", "x-other", address))  # noqa: S310


def test_the_credentials_of_a_role_are_let_in(cloud: LocalCloud, aws: Client) -> None:
    role = "arn:aws:iam::000000000000:role/visitor"
    statement = {"Effect": "Allow", "Action": "sts:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("iam").create_role(RoleName="visitor", AssumeRolePolicyDocument="{}")
    aws("iam").put_role_policy(RoleName="visitor", PolicyName="p", PolicyDocument=document)
    given = aws("sts").assume_role(RoleArn=role, RoleSessionName="mine")["Credentials"]
    keys = {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"]}
    client = functools.partial(
        boto3.client, "sts", endpoint_url=cloud.endpoint, region_name="us-east-1", **keys
    )
    arn = client(aws_session_token=given["SessionToken"]).get_caller_identity()["Arn"]
    assert arn == "arn:aws:sts::000000000000:assumed-role/visitor/mine"
    with pytest.raises(Exception, match="no session token of this local cloud"):
        client(aws_session_token="another").get_caller_identity()


@only_root
def test_another_user_reads_no_trace() -> None:
    with Server(lambda: Page("<!doctype html><title>trace</title>")) as live:
        threading.Thread(target=live.serve_forever, args=(0.01,), daemon=True).start()
        assert as_nobody(get, live.url) == REFUSED
        assert get(live.url) == 200
        live.shutdown()


class _Empty(BaseHTTPRequestHandler):
    """A page of somebody else's."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def test_a_web_page_gets_in_nowhere(cloud: LocalCloud, aws: Client, tmp_path: Path) -> None:
    missing = missing_package()
    if missing:
        pytest.skip(f"the browser is not installed: {missing}")
    mark = tmp_path / "mark"
    xray = ask("/_local_cloud/xray", client=cloud.environment)
    with Serving(_Empty) as foreign, Server(lambda: Page("<!doctype html><title>trace</title>")) as live:
        threading.Thread(target=live.serve_forever, daemon=True).start()
        done = subprocess.run(
            [str(node()), "--test", "--test-reporter=spec", str(HERE / "doors.test.mjs")],
            env={
                **os.environ,
                "ENDPOINT": cloud.endpoint,
                "TOKEN": cloud.credentials["aws_session_token"],
                "COLLECTOR": xray["collector"]["url"],
                "LIVE": live.url,
                "FOREIGN": foreign.url,
                "CALLS": json.dumps(calls(mark)),
            },
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        live.shutdown()
    assert done.returncode == 0, done.stdout
    assert "pass 6" in done.stdout and "skipped 0" in done.stdout
    assert "theirs" not in _functions(aws)
    assert not mark.exists()
    assert (
        ask("/_local_cloud/xray", client=cloud.environment)["collector"]["received"]
        == xray["collector"]["received"]
    )
