# SPDX-License-Identifier: Apache-2.0
"""Copies of deployed parts that may be broken: a function with its bucket, a state machine, a Glue job.

Each copy runs the deployed code in the same cloud; what a copy changes is all that a fault needs.
"""

from __future__ import annotations

import contextlib
import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.nightly.faults.world import World

ROLE = "faults"
FUTURE = "from __future__ import annotations\n"
PASS = {"StartAt": "Done", "States": {"Done": {"Type": "Pass", "End": True}}}
_FUNCTION = (
    "Runtime", "Handler", "Timeout", "MemorySize", "Architectures", "TracingConfig", "LoggingConfig",
)  # fmt: skip
_JOB = (
    "ExecutionProperty", "Command", "NonOverridableArguments", "MaxRetries", "Timeout", "WorkerType",
    "NumberOfWorkers", "SecurityConfiguration", "GlueVersion", "Connections", "JobRunQueuingEnabled",
)  # fmt: skip
Definition = dict[str, Any]


@dataclass(frozen=True)
class Ingestion:
    """A bucket whose uploads call a copy of the function."""

    bucket: str
    function: str
    queue: str  # URL of its dead-letter queue
    machine: str


def role(world: World) -> str:
    """A role that may do everything: the rights of the copies are not what is tested here."""
    iam = world.client("iam")
    try:
        return str(iam.get_role(RoleName=ROLE)["Role"]["Arn"])
    except iam.exceptions.NoSuchEntityException:
        trust = {"Effect": "Allow", "Principal": {"Service": "*"}, "Action": "sts:AssumeRole"}
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):  # another fault was faster
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(_policy(trust)))
    everything = _policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
    iam.put_role_policy(RoleName=ROLE, PolicyName="everything", PolicyDocument=json.dumps(everything))
    return str(iam.get_role(RoleName=ROLE)["Role"]["Arn"])


def _policy(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement]}


def open_bucket(world: World, name: str) -> str:
    """A versioned bucket that the deployed jobs may use too."""
    s3 = world.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    both = [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]
    policy = _policy({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": both})
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    return name


def ingestion(
    world: World,
    name: str,
    *,
    machine: str | None = None,
    variables: dict[str, str] | None = None,
    notify: bool = True,
    timeout: int | None = None,
) -> Ingestion:
    """Make a bucket, a dead-letter queue and a copy of the deployed function.

    Parameters
    ----------
    machine
        State machine to start; default: the deployed one.
    variables
        Added to the function's environment.
    notify
        Whether uploads call the function; without it only handed-over events do.
    timeout
        Of the function, seconds.
    """
    awslambda, s3, sqs = (world.client(service) for service in ("lambda", "s3", "sqs"))
    queue = sqs.create_queue(QueueName=f"{name}-letters")["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    deployed = awslambda.get_function(FunctionName=function_name(world))
    with urllib.request.urlopen(deployed["Code"]["Location"]) as code:  # noqa: S310 - our own cloud
        package = code.read()
    settings = {key: deployed["Configuration"][key] for key in _FUNCTION if key in deployed["Configuration"]}
    target = machine or world.machine
    environment = deployed["Configuration"]["Environment"]["Variables"] | {"STATE_MACHINE_ARN": target}
    created = awslambda.create_function(
        **settings | ({"Timeout": timeout} if timeout else {}),
        FunctionName=name,
        Role=role(world),
        Code={"ZipFile": package},
        Environment={"Variables": environment | (variables or {})},
        DeadLetterConfig={"TargetArn": queue_arn},
    )
    bucket = open_bucket(world, f"{name}-data")
    if notify:
        awslambda.add_permission(
            FunctionName=name, StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com"
        )
        rule = {"Name": "prefix", "Value": "input/"}
        calls = {
            "LambdaFunctionArn": created["FunctionArn"],
            "Events": ["s3:ObjectCreated:*"],
            "Filter": {"Key": {"FilterRules": [rule]}},
        }
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [calls]}
        )
    return Ingestion(bucket, name, queue, target)


def function_name(world: World) -> str:
    """The name of the deployed function."""
    functions = world.client("lambda").get_paginator("list_functions").paginate().search("Functions[]")
    return next(
        str(item["FunctionName"])
        for item in functions
        if item["Handler"].startswith("start_pipeline.") and item["FunctionName"].startswith("OtelSolution")
    )


def state_machine(world: World, name: str, change: Callable[[Definition], None]) -> str:
    """Copy the deployed state machine with a changed definition; its ARN."""
    sfn = world.client("stepfunctions")
    deployed = sfn.describe_state_machine(stateMachineArn=world.machine)
    definition = json.loads(deployed["definition"])
    change(definition)
    return _create_machine(world, name, definition, deployed["roleArn"])


def passing_machine(world: World, name: str) -> str:
    """A state machine that runs no job: for what is tested before the jobs."""
    return _create_machine(world, name, PASS, "arn:aws:iam::000000000000:role/states")


def _create_machine(world: World, name: str, definition: Definition, role: str) -> str:
    created = world.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=role, tracingConfiguration={"enabled": True}
    )
    return str(created["stateMachineArn"])


def use_jobs(**jobs: str) -> Callable[[Definition], None]:
    """A change of definition: ``clean`` and ``process`` name the jobs to run instead."""

    def change(definition: Definition) -> None:
        for kind, job in jobs.items():
            definition["States"][f"{kind.capitalize()} Data"]["Arguments"]["JobName"] = job

    return change


def add_argument(name: str, value: str) -> Callable[[Definition], None]:
    """A change of definition: every job run gets one more argument."""

    def change(definition: Definition) -> None:
        for state in definition["States"].values():
            if "Arguments" in state:
                state["Arguments"]["Arguments"][name] = value

    return change


def job_name(world: World, kind: str) -> str:
    """The name of the deployed ``clean`` or ``process`` job."""
    found = world.client("stepfunctions").describe_state_machine(stateMachineArn=world.machine)
    state = json.loads(found["definition"])["States"][f"{kind.capitalize()} Data"]
    return str(state["Arguments"]["JobName"])


def glue_job(world: World, name: str, *, kind: str = "clean", prelude: str = "", **changes: Any) -> str:
    """Copy a deployed job; ``prelude`` is Python that runs before the script's own imports."""
    glue, s3 = world.client("glue"), world.client("s3")
    job = glue.get_job(JobName=job_name(world, kind))["Job"]
    settings = {key: job[key] for key in _JOB if key in job}
    bucket, _, key = job["Command"]["ScriptLocation"].removeprefix("s3://").partition("/")
    script = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
    own_key = f"scripts/{name}.py"
    s3.put_object(
        Bucket=world.bucket, Key=own_key, Body=script.replace(FUTURE, f"{FUTURE}{prelude}\n", 1).encode()
    )
    settings["Command"] = settings["Command"] | {"ScriptLocation": f"s3://{world.bucket}/{own_key}"}
    own = {"--scriptLocation": settings["Command"]["ScriptLocation"]}
    extra = changes.pop("arguments", {})
    settings["NonOverridableArguments"] = settings["NonOverridableArguments"] | own | extra
    glue.create_job(Name=name, Role=role(world), **settings | changes)
    return name
