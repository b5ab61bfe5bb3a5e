# SPDX-License-Identifier: Apache-2.0
"""A stack around one Glue job, and what traces it."""

import aws_cdk as cdk
import aws_cdk.aws_glue as glue
import aws_cdk.aws_iam as iam
from constructs import Construct

from glue_tracing import GlueTracing, TraceGlueJobs  # added


class Totals(cdk.Stack):
    """The job, its role and its script."""

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("glue.amazonaws.com"))
        role.add_managed_policy(
            iam.ManagedPolicy.from_aws_managed_policy_name("service-role/AWSGlueServiceRole")
        )
        script = glue.Code.from_asset("totals.py")
        glue.PySparkEtlJob(self, "Job", job_name="totals", role=role, script=script)


app = cdk.App()
stack = Totals(app, "Totals")
tracing = GlueTracing(stack, "Tracing")  # added
cdk.Aspects.of(app).add(TraceGlueJobs(tracing))  # added
app.synth()
