# SPDX-License-Identifier: Apache-2.0
"""Rights that a run in the local cloud does not use, each with the reason why the role has it all the same.

(part of the role's name, action) -> reason. A right that is used and listed here does no harm: which run uses
it depends on what is tested before.
"""

from __future__ import annotations

GLUE_ITSELF = (
    "Glue does this with the job's role before and around the script: "
    "https://docs.aws.amazon.com/glue/latest/dg/create-service-policy.html; the local cloud has no interfaces"
)
LOGS = "the service writes the log with this role; the local cloud's services write logs without a call"
S3A = (
    "the S3 client of Spark on Glue: multipart uploads and their clean-up "
    "(https://hadoop.apache.org/docs/stable/hadoop-aws/tools/hadoop-aws/assumed_roles.html); "
    "the local cloud's file system uploads an object in one request"
)
FAILED_EVENTS = "Lambda sends an event that failed for good with this role; no event of these tests fails"
LAMBDA_TRACES = "Lambda's X-Ray daemon sends with this role; the local cloud's daemon writes without a call"
LOG_DELIVERY = (
    "Step Functions needs all of them for logging to CloudWatch: "
    "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html; the emulator's logs need none"
)
SYNC = (
    "what .sync needs: https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html; "
    "the local cloud's state machine runs the job without a call"
)
TRANSACTION_SEARCH = "the parent lookup where CloudWatch Transaction Search is on; it is off in these tests"
CDKS_OWN = "CDK writes this policy for its handler, with wildcards; it empties buckets when the stack goes"

UNUSED: dict[tuple[str, str], str] = {
    **{
        ("JobRole", action): GLUE_ITSELF
        for action in (
            "ec2:CreateNetworkInterface",
            "ec2:CreateTags",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeRouteTables",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcAttribute",
            "ec2:DescribeVpcEndpoints",
            "glue:GetConnection",
        )
    },
    ("JobRole", "logs:CreateLogGroup"): LOGS,
    **{("", f"logs:{action}"): LOGS for action in ("CreateLogStream", "PutLogEvents")},
    **{
        ("JobRole", f"s3:{action}"): S3A
        for action in (
            "AbortMultipartUpload",
            "GetBucketLocation",
            "ListBucketMultipartUploads",
            "ListMultipartUploadParts",
        )
    },
    **{
        (role, action): FAILED_EVENTS
        for role in ("IngestionRole", "CustomS3AutoDelete", "CustomResourcesRole")
        for action in ("kms:Decrypt", "kms:GenerateDataKey", "sqs:SendMessage")
    },
    **{
        ("IngestionRole", f"s3:{action}"): "the upload's metadata, by version or, without one, by key alone"
        for action in ("GetObject", "GetObjectVersion")
    },
    **{
        ("CustomResourcesRole", f"ec2:{action}"): "what Glue left is removed when the stack goes"
        for action in ("DeleteNetworkInterface", "DescribeNetworkInterfaces")
    },
    ("IngestionRole", "xray:PutTelemetryRecords"): LAMBDA_TRACES,
    ("IngestionRole", "xray:PutTraceSegments"): LAMBDA_TRACES,
    ("JobRole", "xray:StartTraceRetrieval"): TRANSACTION_SEARCH,
    ("JobRole", "xray:ListRetrievedTraces"): TRANSACTION_SEARCH,
    ("JobRole", "xray:PutTraceSegments"): "spans go to X-Ray directly when the collector cannot take them",
    ("CollectorTaskRole", "xray:PutTraceSegments"): "the collector's stand-in writes without a call",
    **{
        ("PipelineStateMachineRole", f"glue:{action}"): SYNC
        for action in ("BatchStopJobRun", "GetJobRun", "GetJobRuns", "StartJobRun")
    },
    **{
        ("PipelineStateMachineRole", f"logs:{action}"): LOG_DELIVERY
        for action in (
            "CreateLogDelivery",
            "DeleteLogDelivery",
            "DescribeLogGroups",
            "DescribeResourcePolicies",
            "GetLogDelivery",
            "ListLogDeliveries",
            "PutResourcePolicy",
            "UpdateLogDelivery",
        )
    },
    **{
        ("PipelineStateMachineRole", f"xray:{action}"): "what Step Functions needs for tracing: "
        "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html"
        for action in ("GetSamplingRules", "GetSamplingTargets", "PutTelemetryRecords", "PutTraceSegments")
    },
    **{
        ("CustomS3AutoDelete", f"s3:{action}"): CDKS_OWN
        for action in ("DeleteObject*", "GetBucket*", "List*", "PutBucketPolicy")
    },
}
# A prefix that was granted and not touched, though its action was used elsewhere
UNUSED_RESOURCES = {
    "_$folder$": "EMRFS on Glue 5.0 marks a folder with an object beside it; S3A of 5.1 does not",
    "/ASSET": "Glue reads the script and the library with this role; the local cloud brings them itself",
    "/rejected/": "only a run with rejected rows writes there",
}
