# SPDX-License-Identifier: Apache-2.0
"""Glue workflows and triggers that run: on demand, by schedule, when jobs and crawlers have ended.

Source: "Performing complex ETL activities using blueprints and workflows in AWS Glue" and "Starting jobs and
crawlers using triggers", AWS Glue Developer Guide.
"""

from __future__ import annotations

from local_cloud.services.glue import crawlers
from local_cloud.services.glue.service import GlueRuns
from local_cloud.services.glue.workflows.api import WorkflowApi
from local_cloud.services.glue.workflows.triggers import Triggers


def install(runs: GlueRuns) -> None:
    """Have triggers start real runs, and watch the ends of these."""
    triggers = Triggers(runs)
    WorkflowApi(triggers).install()
    runs.listeners.append(triggers.job_changed)
    crawlers.listeners.append(triggers.crawler_ended)
