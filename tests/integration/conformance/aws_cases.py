# SPDX-License-Identifier: Apache-2.0
"""Spans about AWS: resources on the platforms that jobs run on, calls of the AWS SDK."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from tests.integration.conformance.building import JOB, case

_ARN = "arn:aws:logs:us-east-1:123456789012:log-group:/aws-glue/jobs/output:*"
AWS_RESOURCES: dict[str, dict[str, Any]] = {
    "without provider": {"service.name": "a job"},
    "of another cloud": {"cloud.provider": "gcp", "cloud.platform": "gcp_compute_engine"},
    "of Glue by a made-up platform": {"cloud.provider": "aws", "cloud.platform": "aws_glue"},
    "with the reference sample's provider": {"cloud.provider": "AWS::AWSGlue"},
    "of Lambda": {"cloud.provider": "aws", "cloud.platform": "aws_lambda", "faas.name": "f"},
    "of ECS": {
        "cloud.platform": "aws_ecs",
        "container.name": "collector",
        "container.id": "abc",
        "aws.ecs.task.arn": "arn:task",
        "aws.ecs.task.family": "family",
        "aws.ecs.cluster.arn": "arn:cluster",
        "aws.ecs.container.arn": "arn:container",
        "cloud.availability_zone": "us-east-1a",
    },
    "of ECS on Fargate": {"cloud.platform": "aws_ecs", "aws.ecs.launchtype": "fargate"},
    "of ECS on EC2": {"cloud.platform": "aws_ecs", "aws.ecs.launchtype": "ec2"},
    "of ECS elsewhere": {"cloud.platform": "aws_ecs", "aws.ecs.launchtype": "external"},
    "with an account": {"cloud.account.id": "123456789012"},
    "with log groups": {"aws.log.group.names": ["/aws-glue/jobs/output", "/aws-glue/jobs/error"]},
    "with log groups as text": {"aws.log.group.names": "a&b&&c"},
    "with log group ARNs": {"aws.log.group.arns": [_ARN], "aws.log.group.names": ["other"]},
    "with an odd ARN": {"aws.log.group.arns": "arn:aws:logs"},
    "with a number for log groups": {"aws.log.group.names": 5},
    "with a version": {"service.version": "2.1"},
    "with an image tag": {"container.image.tag": "v1"},
    "with image tags": {"container.image.tags": ["v2", "latest"]},
    "with a numeric version": {"service.version": 2},
    "instrumented by itself": {"telemetry.auto.version": "1.2"},
    "of a distribution": {"telemetry.distro.name": "adot", "telemetry.distro.version": "0.9"},
    "with an SDK of no language": {"telemetry.sdk.name": "mine"},
}
_API = {"rpc.system": "aws-api"}
_CALLS: dict[str, dict[str, Any]] = {
    "all fields": {
        **_API,
        "rpc.service": "Glue",
        "rpc.method": "StartJobRun",
        "aws.region": "eu-west-1",
        "aws.account_id": "123456789012",
        "aws.request_id": "r-1",
    },
    "operation beside the method": {**_API, "aws.operation": "GetTable", "rpc.method": "Other"},
    "request id, other spelling": {**_API, "aws.requestId": "r-2"},
    "request id as number": {**_API, "aws.request_id": 5},
    "empty request id": {**_API, "aws.request_id": ""},
    "queue": {**_API, "aws.queue_url": "https://sqs/1"},
    "queue, other spelling": {**_API, "aws.queue.url": "https://sqs/2"},
    "queue by semantic convention": {
        **_API,
        "messaging.url": "https://sqs/3",
        "aws.queue_url": "https://sqs/4",
    },
    "table": {**_API, "aws.table_name": "t"},
    "table, other spelling": {**_API, "aws.table.name": "t"},
    "one table": {**_API, "aws.dynamodb.table_names": ["t"]},
    "many tables": {**_API, "aws.dynamodb.table_names": ["t", "u"], "aws.table_name": "gone"},
    "no tables": {**_API, "aws.dynamodb.table_names": [], "aws.table_name": "kept"},
    "tables as text": {**_API, "aws.dynamodb.table_names": "t"},
    "service": {"aws.service": "DynamoDB"},
    "service and peer": {"aws.service": "DynamoDB", "peer.service": "db"},
    "service, SDK name": {**_API, "aws.remote.service": "AWS.SDK.S3"},
    "service, resource name": {**_API, "aws.remote.service": "AWS::S3"},
    "service, both prefixes": {**_API, "aws.remote.service": "AWS.SDK.AWS::S3"},
    "prefix without the SDK": {"aws.remote.service": "AWS::S3"},
    "http error event": {**_API, "http.status_code": 503},
    "method without system": {"rpc.method": "StartJobRun", "rpc.service": "Glue"},
    "other rpc": {"rpc.system": "grpc", "rpc.service": "a.B", "rpc.method": "C"},
}


def aws_cases() -> Iterator[tuple[str, ReadableSpan]]:
    """Give the cases about AWS."""
    for name, resource in AWS_RESOURCES.items():
        for kind in (SpanKind.SERVER, SpanKind.INTERNAL):
            full = f"resource {name} {kind.name}"
            yield (
                full,
                case(full, kind=kind, resource={**JOB, **resource} if "provider" not in name else resource),
            )
    for name, attributes in _CALLS.items():
        for kind in (SpanKind.CLIENT, SpanKind.INTERNAL):
            full = f"AWS call {name} {kind.name}"
            yield full, case(full, attributes, kind=kind)
    other = {"cloud.provider": "gcp"}
    yield (
        "AWS call from another cloud",
        case("AWS call from another cloud", _CALLS["all fields"], resource=other),
    )
