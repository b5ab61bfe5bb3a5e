#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The CDK app: reads the context, builds its stacks, and lets cdk-nag look at every synth."""

from __future__ import annotations

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from stacks.otel_solution_stack import OtelSolutionStack
from stacks.settings import Settings, airflow_stack_name

app = cdk.App()
settings = Settings.from_context(app.node)
main = OtelSolutionStack(app, settings.stack_name, settings=settings)
if settings.airflow == "mwaa":
    from with_airflow.stacks.airflow_stack import AirflowStack

    AirflowStack(app, airflow_stack_name(settings.stack_name), main=main, settings=settings)
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
app.synth()
