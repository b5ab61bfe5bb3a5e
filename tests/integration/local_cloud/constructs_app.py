# SPDX-License-Identifier: Apache-2.0
"""A CDK application as others write them: what its constructs bring along, and what it runs."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_glue as glue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as functions
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_deployment as deployment
from aws_cdk import aws_s3_notifications as notifications
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_ssm as ssm
from aws_cdk import custom_resources as custom

_PYTHON = """\
def handler(event, context):
    return {"PhysicalResourceId": "made", "Data": {"Answer": event["RequestType"] + " of Python"}}
"""
_NODE = "exports.handler = async (event) => ({ hello: event.name });\n"
_JOB = """\
import sys
import pandas as pd
print("from a bucket deployment", sys.version_info[:2], pd.Series([1, 2]).sum())
"""


def synthesize(directory: Path, *, version: int) -> None:
    """Write the application's cloud assembly into a directory.

    Parameters
    ----------
    directory
        Of the assembly.
    version
        1, or 2 in which the site has another page.
    """
    sources = directory.parent / f"sources-{version}"
    (sources / "pages").mkdir(parents=True)
    (sources / "pages" / f"page-{version}.html").write_text(f"<p>{version}</p>")
    (sources / "pages" / "draft.tmp").write_text("not to be deployed")
    (sources / "scripts").mkdir()
    (sources / "scripts" / "shell.py").write_text(_JOB)
    app = cdk.App(outdir=str(directory))
    Constructs(app, sources=sources)
    app.synth()


class Constructs(cdk.Stack):
    """The stack.

    Parameters
    ----------
    sources
        Folder of what the bucket deployments take.
    """

    def __init__(self, scope: cdk.App, *, sources: Path) -> None:
        synthesizer = cdk.DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
        super().__init__(scope, "Constructs", synthesizer=synthesizer)
        vpc = ec2.Vpc(
            self, "Vpc", max_azs=1, nat_gateways=0, restrict_default_security_group=True
        )  # a custom resource in Node
        self._out("DefaultGroup", vpc.vpc_default_security_group)
        bucket = s3.Bucket(self, "Site", removal_policy=cdk.RemovalPolicy.DESTROY, auto_delete_objects=True)
        self._out("Bucket", bucket.bucket_name)
        scripts = self._deployments(bucket, sources)
        self._functions()
        self._events(bucket)
        self._workflow(bucket, scripts)
        nested = cdk.NestedStack(self, "Nested")
        inside = ssm.StringParameter(nested, "Inside", string_value="nested")
        self._out("Parameter", inside.parameter_name)
        kept = s3.Bucket(self, "Kept", removal_policy=cdk.RemovalPolicy.RETAIN)
        self._out("Kept", kept.bucket_name)

    def _deployments(self, bucket: s3.Bucket, sources: Path) -> deployment.BucketDeployment:
        deployment.BucketDeployment(
            self,
            "Pages",
            sources=[
                deployment.Source.asset(str(sources / "pages")),
                deployment.Source.json_data("config.json", {"bucket": bucket.bucket_arn}),
            ],
            destination_bucket=bucket,
            destination_key_prefix="site",
            exclude=["*.tmp"],
            metadata={"by": "cdk"},
            cache_control=[deployment.CacheControl.max_age(cdk.Duration.hours(1))],
        )
        return deployment.BucketDeployment(
            self,
            "Scripts",
            sources=[deployment.Source.asset(str(sources / "scripts"))],
            destination_bucket=bucket,
            destination_key_prefix="scripts",
            prune=False,
        )

    def _functions(self) -> None:
        code = functions.Code.from_inline(_PYTHON)
        python = functions.Function(
            self,
            "Python",
            runtime=functions.Runtime.PYTHON_3_12,
            handler="index.handler",
            code=code,
            log_retention=logs.RetentionDays.ONE_WEEK,  # a custom resource in Node
        )
        self._out("Python", python.function_name)
        node = functions.Function(
            self,
            "Node",
            runtime=functions.Runtime.NODEJS_22_X,
            handler="index.handler",
            code=functions.Code.from_inline(_NODE),
        )
        self._out("Node", node.function_name)
        provider = custom.Provider(self, "Provider", on_event_handler=python)  # CDK's framework, in Node
        made = cdk.CustomResource(self, "Made", service_token=provider.service_token)
        self._out("Answer", made.get_att_string("Answer"))
        events.Rule(
            self,
            "Hourly",
            schedule=events.Schedule.rate(cdk.Duration.hours(1)),
            targets=[targets.LambdaFunction(python)],
        )

    def _events(self, bucket: s3.Bucket) -> None:
        queue = sqs.Queue(self, "Queue")
        self._out("Queue", queue.queue_url)
        bucket.add_event_notification(
            s3.EventType.OBJECT_CREATED,
            notifications.SqsDestination(queue),
            s3.NotificationKeyFilter(prefix="uploads/"),
        )

    def _workflow(self, bucket: s3.Bucket, scripts: deployment.BucketDeployment) -> None:
        principal = iam.ServicePrincipal("glue.amazonaws.com")
        role = iam.Role(self, "GlueRole", assumed_by=principal)
        bucket.grant_read(role)
        job = glue.CfnJob(
            self,
            "Shell",
            role=role.role_arn,
            command=glue.CfnJob.JobCommandProperty(
                name="pythonshell",
                python_version="3.9",
                script_location=bucket.s3_url_for_object("scripts/shell.py"),
            ),
            max_capacity=0.0625,
        )
        job.node.add_dependency(scripts)
        workflow = glue.CfnWorkflow(self, "Workflow", default_run_properties={"stage": "test"})
        glue.CfnTrigger(
            self,
            "Begin",
            type="ON_DEMAND",
            workflow_name=workflow.ref,
            actions=[glue.CfnTrigger.ActionProperty(job_name=job.ref)],
        )
        self._out("Workflow", workflow.ref)
        self._out("Job", job.ref)

    def _out(self, name: str, value: str) -> None:
        cdk.CfnOutput(self, f"{name}Output", value=value, key=name)
