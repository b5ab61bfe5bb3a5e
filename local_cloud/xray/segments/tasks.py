# SPDX-License-Identifier: Apache-2.0
"""The AWS call of one attempt of a task state, as a subsegment of the state."""

from __future__ import annotations

import uuid
from typing import Any

from local_cloud.xray.segments.executions import ExecutionTrace
from local_cloud.xray.traces.documents import Document
from xray_common.trace_header import TraceHeader

# Services whose name in a trace is not the capitalised word of the resource's ARN.
_NAMES = {
    "dynamodb": "DynamoDB",
    "sqs": "SQS",
    "sns": "SNS",
    "ecs": "ECS",
    "eks": "EKS",
    "s3": "S3",
    "emr": "EMR",
    "ec2": "EC2",
    "sfn": "StepFunctions",
    "states": "StepFunctions",
    "elasticmapreduce": "EMR",
}
_NAMED_RESOURCES = (
    "JobName",
    "FunctionName",
    "TableName",
    "StateMachineArn",
    "QueueUrl",
    "TopicArn",
    "Bucket",
)
_OK, _BAD_REQUEST = 200, 400  # HTTP


class TaskCall:
    """One call to an AWS service.

    Parameters
    ----------
    name
        Service, as traces name it.
    operation
        API operation.
    resource_names
        What the call names, for example a job.
    """

    def __init__(self, *, name: str, operation: str, resource_names: list[str]) -> None:
        self._name = name
        self._aws: dict[str, Any] = {"operation": operation, "request_id": str(uuid.uuid4())}
        if resource_names:
            self._aws["resource_names"] = resource_names
        self._answered = False
        self._identified = False
        self._trace: ExecutionTrace
        self.entity: Document = {}

    @classmethod
    def of(cls, resource: str, parameters: Any) -> TaskCall | None:
        """Return the call that a Task state's ``Resource`` makes; None for an activity, which makes none."""
        parts = resource.split(":")
        if ":activity:" in resource or len(parts) < 6:
            return None
        if parts[2] == "lambda":
            return cls(name="Lambda", operation="Invoke", resource_names=[parts[6]] if len(parts) > 6 else [])
        service, action = (
            (parts[6], parts[7]) if parts[5] == "aws-sdk" and len(parts) > 7 else (parts[5], parts[6])
        )
        operation = action.split(".")[0]
        given = parameters if isinstance(parameters, dict) else {}
        return cls(
            name=_NAMES.get(service, service.capitalize()),
            operation=operation[:1].upper() + operation[1:],
            resource_names=[str(given[key]) for key in _NAMED_RESOURCES if key in given],
        )

    @property
    def header(self) -> TraceHeader:
        """The trace header that the call carries."""
        return TraceHeader(trace_id=self._trace.trace_id, parent_id=self.entity["id"], sampled=True)

    def open(self, trace: ExecutionTrace, state: Document) -> None:
        """Begin the call below a state."""
        self._trace = trace
        self._aws = {"region": trace.segment["aws"]["region"], **self._aws}
        self.entity = trace.open(self._name, below=state, namespace="aws", aws=self._aws)

    def identify(self, request_id: str) -> None:
        """Set the request id."""
        if not self._answered:
            self._identified = True
            self._aws["request_id"] = request_id
            self._trace.update(self.entity, aws=self._aws)

    def answer(self, status: int) -> None:
        """End the call; the first answer counts."""
        if self._answered:
            return
        self._answered = True
        flags = {"error": True} if _BAD_REQUEST <= status < 500 else {"fault": True} if status >= 500 else {}
        self._trace.update(self.entity, http={"response": {"status": status}}, **flags)
        self._trace.close(self.entity)

    def fail(self, why: dict[str, Any]) -> None:
        """End a call whose task failed.

        A call that was answered already is left as it is: the failure is the task's. A function that ran
        and failed has a request id, and Lambda's answer is 200; any other call was refused.
        """
        if self._answered:
            return
        self._trace.update(self.entity, cause=why, **({"fault": True} if self._identified else {}))
        self.answer(_OK if self._identified else _BAD_REQUEST)
