# SPDX-License-Identifier: Apache-2.0
"""A Glue client whose requests are checked by botocore, and answered by the local cloud's own definitions."""

from __future__ import annotations

import io
import json
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse

from local_cloud.emulator import service
from local_cloud.services.glue import definitions, operations


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Any:
        yield self.read()


class FakeGlue:
    """Answers CreateJob, UpdateJob, GetJob and GetJobs, and notes what UpdateJob was sent."""

    def __init__(self) -> None:
        self.client = boto3.client(
            "glue", region_name="us-east-1", aws_access_key_id="id", aws_secret_access_key="secret"
        )
        self.client.meta.events.register("before-send.glue", self._answer)
        self.updates: list[dict[str, Any]] = []
        self.added: dict[str, Any] = {}  # to each answer of GetJob: what AWS may have tomorrow

    def job(self, name: str) -> dict[str, Any]:
        """Return what GetJob shows, but for the time of its last change."""
        found: dict[str, Any] = self.client.get_job(JobName=name)["Job"]
        return {member: value for member, value in found.items() if member != "LastModifiedOn"}

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        body = json.loads(request.body)
        if operation == "UpdateJob":
            self.updates.append(body["JobUpdate"])
        answers = {
            "CreateJob": operations.answering(definitions.create_job),
            "UpdateJob": operations.answering(definitions.update_job),
            "GetJob": service("glue")._get_job,
            "GetJobs": service("glue")._get_jobs,
        }
        status, headers, content = answers[operation](body)
        if operation == "GetJob" and status == 200:
            content = json.dumps({"Job": {**json.loads(content)["Job"], **self.added}}).encode()
        return AWSResponse(request.url, status, headers, _Raw(content))
