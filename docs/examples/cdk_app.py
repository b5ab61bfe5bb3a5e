# SPDX-License-Identifier: Apache-2.0
"""A stack around one Glue job, and what traces it."""

import aws_cdk as cdk
import aws_cdk.aws_glue as glue
import aws_cdk.aws_iam as iam
from constructs import Construct

from glue_tracing import GlueTracing, TraceGlueJobs  # added


class Sales(cdk.Stack):
    """The job, its role and its script."""

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        service = iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSGlueServiceRole")
        glue.PySparkEtlJob(
            self,
            "Job",
            job_name="sales",
            script=glue.Code.from_asset("sales_job.py"),
            role=iam.Role(
                self,
                "Role",
                assumed_by=iam.ServicePrincipal("glue.amazonaws.com"),
                managed_policies=[service],
            ),
            default_arguments={"--customers": "7"},
        )


app = cdk.App()
stack = Sales(app, "Sales")
cdk.Aspects.of(app).add(TraceGlueJobs(GlueTracing(stack, "Tracing")))  # added
app.synth()
