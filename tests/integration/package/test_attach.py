# SPDX-License-Identifier: Apache-2.0
"""docs/attach-a-job.md, word for word: jobs made by boto3, attached and detached by the installed command.

The local cloud runs them.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local_cloud import LocalCloud
from tests.integration.docs.blocks import blocks, scripts
from tests.integration.local_cloud.glue_jobs import ended, messages
from tests.integration.package.conftest import Install, Installation
from tests.integration.package.glue_scripts import SHELL, SPARK, line_of
from tests.waiting import wait_until

_SECONDS = 30.0  # until a trace that was sent can be found
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
# What such roles often are: the very script, and the data
_RIGHTS = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::code/jobs/*.py"},
        {"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]},
    ],
}
_ORDERS = "customer,amount\nada,2\nbo,5\nada,3\n"
_ARGUMENTS = {"--bucket": "data", "--job-bookmark-option": "job-bookmark-disable"}
PAGE = "docs/attach-a-job.md"
JOBS: dict[str, tuple[str, dict[str, Any]]] = {
    "nightly-orders": (
        SPARK,
        {
            "Command": {
                "Name": "glueetl",
                "ScriptLocation": "s3://code/jobs/orders.py",
                "PythonVersion": "3",
            },
            "GlueVersion": "5.1",
            "WorkerType": "G.1X",
            "NumberOfWorkers": 2,
        },
    ),
    "inventory": (
        SHELL,
        {
            "Command": {
                "Name": "pythonshell",
                "ScriptLocation": "s3://code/jobs/inventory.py",
                "PythonVersion": "3.9",
            },
            "GlueVersion": "3.0",
            "MaxCapacity": 0.0625,
        },
    ),
}
[DIFFERENCE] = [block.text for block in blocks() if block.page == PAGE and block.language == "text"]


class Account:
    """An account with two jobs, and the command in an environment without anything else."""

    def __init__(self, cloud: LocalCloud, installation: Installation) -> None:
        self._variables, self._installation = cloud.environment, installation
        self._cloud = cloud

    def client(self, service: str) -> Any:
        """Make a client."""
        return boto3.client(
            service, endpoint_url=self._cloud.endpoint, region_name="us-east-1", **self._cloud.credentials
        )

    def glue_xray(self, *words: str, code: int = 0) -> Any:
        """Run the installed command."""
        variables = {name: value for name, value in self._variables.items() if name != "PATH"}
        return self._installation.run("glue-xray", *words, code=code, **variables)

    def type(self, command: str) -> str:
        """Type a command of the page into a shell; return what it prints."""
        variables = {name: value for name, value in self._variables.items() if name != "PATH"}
        return self._installation.run("bash", "-c", command, code=0, **variables).stdout

    def definition(self, job: str) -> dict[str, Any]:
        """Return what GetJob shows, but for the time of its last change."""
        found: dict[str, Any] = self.client("glue").get_job(JobName=job)["Job"]
        return {member: value for member, value in found.items() if member != "LastModifiedOn"}

    def run(self, job: str, **arguments: str) -> dict[str, Any]:
        """Run a job to its end."""
        given = {f"--{name}": value for name, value in arguments.items()}
        started = self.client("glue").start_job_run(JobName=job, Arguments=given)
        return ended(self.client, job, started["JobRunId"])

    def run_of(self, workflow: str, job: str) -> dict[str, Any]:
        """Wait for the run of a job that a workflow's run has started."""

        def started() -> Any:
            runs = self.client("glue").get_job_runs(JobName=job)["JobRuns"]
            return [
                one["Id"] for one in runs if one.get("Arguments", {}).get("--WORKFLOW_RUN_ID") == workflow
            ]

        [run_id] = wait_until(started)
        return ended(self.client, job, run_id)

    def documents(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the segments and subsegments of the one trace of a job's run, each with its parent."""
        xray = self.client("xray")

        def found() -> list[Any]:
            times = {"StartTime": run["StartedOn"], "EndTime": time.time() + 1}
            summaries = xray.get_trace_summaries(**times)["TraceSummaries"]
            # The earlier run's trace goes on in this second; an id begins with the second of its own start.
            first = int(run["StartedOn"].timestamp())
            ids = [one["Id"] for one in summaries if int(one["Id"].split("-")[1], 16) >= first]
            traces: list[Any] = xray.batch_get_traces(TraceIds=ids)["Traces"] if ids else []
            return traces

        [trace] = wait_until(found, seconds=_SECONDS)
        documents = [json.loads(one["Document"]) for one in trace["Segments"]]
        return [one for document in documents for one in _flat(document, document.get("parent_id"))]


def _flat(document: dict[str, Any], parent: str | None) -> Iterator[dict[str, Any]]:
    yield {**document, "parent_id": parent}
    for child in document.get("subsegments", []):
        yield from _flat(child, document["id"])


def _children(documents: list[dict[str, Any]], job: str) -> set[str]:
    """Return the names of what is right below a job."""
    [root] = [one for one in documents if one["name"] == job]
    return {one["name"] for one in documents if one["parent_id"] == root["id"]}


@pytest.fixture(scope="module")
def account(install: Install) -> Iterator[Account]:
    with LocalCloud() as cloud:
        installation = install()
        installation.install("pip")  # as `python -m venv` brings it
        made = Account(cloud, installation)
        s3, iam, glue = (made.client(service) for service in ("s3", "iam", "glue"))
        for bucket in ("code", "data"):
            s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket="data", Key="orders.csv", Body=_ORDERS)
        for job, (script, members) in JOBS.items():
            role = f"{job}-role"
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(_TRUST))
            iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=json.dumps(_RIGHTS))
            place = members["Command"]["ScriptLocation"].removeprefix("s3://code/")
            s3.put_object(Bucket="code", Key=place, Body=script)
            glue.create_job(Name=job, Role=role, DefaultArguments=_ARGUMENTS, **members)
        yield made


def test_a_spark_job_by_the_commands_of_the_page(account: Account) -> None:
    dry_run, attach, start, status, detach = scripts()[PAGE].strip().splitlines()
    before = account.definition("nightly-orders")
    refused = account.glue_xray("attach", "nightly-orders", code=1)
    assert "its role may not read arn:aws:s3:::code/jobs/glue-xray/" in refused.stderr
    difference = account.type(dry_run)
    for line in DIFFERENCE.splitlines():  # as the page shows it, up to where it shortens
        assert line.partition("run-")[0].partition("library-")[0] in difference
    assert account.definition("nightly-orders") == before

    attached = account.type(attach)
    assert "\nnightly-orders: attached, glue-xray 0.2.0; " in attached
    assert "nightly-orders  attached, glue-xray 0.2.0\n" in account.type(status)
    if shutil.which("aws"):  # not everybody who runs this has the AWS CLI
        run = ended(account.client, "nightly-orders", json.loads(account.type(start))["JobRunId"])
    else:
        run = account.run("nightly-orders")
    assert (run["JobRunState"], run.get("ErrorMessage")) == ("SUCCEEDED", None)
    output = messages(account.client, "/aws-glue/jobs/output", run["Id"])
    [words] = [line for line in output if line.startswith("words ")]
    assert words.startswith(
        "words ['--bucket', 'data', '--job-bookmark-option', 'job-bookmark-disable', '--JOB"
    )
    assert "glue_xray" not in words
    documents = account.documents(run)
    steps = {f"orders.py:{line_of(SPARK, text)} {text}" for text in ("read.csv", "write.parquet")}
    assert steps <= _children(documents, "nightly-orders")
    assert any("Spark stage" in one["name"] for one in documents)

    account.type(detach)
    assert account.definition("nightly-orders") == before
    assert account.client("iam").list_role_policies(RoleName="nightly-orders-role")["PolicyNames"] == ["own"]


def test_a_shell_job_from_attach_to_detach(account: Account) -> None:
    before = account.definition("inventory")
    account.glue_xray("attach", "--grant", "inventory")

    run = account.run("inventory")
    assert (run["JobRunState"], run.get("ErrorMessage")) == ("SUCCEEDED", None)
    output = messages(account.client, "/aws-glue/python-jobs/output", run["Id"])
    assert f"python (3, 9) size {len(_ORDERS)}" in output
    documents = account.documents(run)
    assert "S3" in _children(documents, "inventory")
    assert "HeadObject" in [one.get("aws", {}).get("operation") for one in documents]

    glue = account.client(
        "glue"
    )  # in a workflow it asks when that began, with the rights that it was granted
    glue.create_workflow(Name="nightly")
    begin: dict[str, Any] = {"Name": "begin", "Type": "ON_DEMAND", "Actions": [{"JobName": "inventory"}]}
    glue.create_trigger(WorkflowName="nightly", **begin)
    workflow = glue.start_workflow_run(Name="nightly")["RunId"]
    account.run_of(workflow, "inventory")
    began = glue.get_workflow_run(Name="nightly", RunId=workflow)["Run"]["StartedOn"]
    documents = account.documents({"StartedOn": began.replace(microsecond=0)})  # as its id has it
    assert _children(documents, "nightly") == {"inventory"}

    failed = account.run("inventory", fail="yes")
    assert failed["JobRunState"] == "FAILED"
    line = line_of(SHELL, "raise ValueError")
    assert f"Failed Line Number: {line}; ValueError: no orders today" in failed["ErrorMessage"]
    assert [one["name"] for one in account.documents(failed) if one.get("fault")] == ["inventory"]

    mark = account.definition("inventory")["NonOverridableArguments"]["--glue_xray"]
    library = mark.partition("--library=s3://code/")[2].split()[0]
    account.client("s3").delete_object(Bucket="code", Key=library)
    without = account.run("inventory")
    assert without["JobRunState"] == "SUCCEEDED"
    errors = messages(account.client, "/aws-glue/python-jobs/error", without["Id"])
    assert [line for line in errors if "glue-xray: the job runs untraced: " in line]

    account.glue_xray("detach", "inventory")
    assert account.definition("inventory") == before
