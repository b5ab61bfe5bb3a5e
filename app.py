#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The CDK app: reads the context, builds one stack, and lets cdk-nag look at every synth."""

from __future__ import annotations

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from stacks.otel_solution_stack import OtelSolutionStack
from stacks.settings import Settings

app = cdk.App()
OtelSolutionStack(app, "OtelSolutionStack", settings=Settings.from_context(app.node))
cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
app.synth()
