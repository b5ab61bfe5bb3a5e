# SPDX-License-Identifier: Apache-2.0
"""For the people who look: saved queries, alarms and a dashboard."""

from __future__ import annotations

import aws_cdk.aws_kms as kms
import aws_cdk.aws_logs as logs
from constructs import Construct

from glue_tracing.collector.collector import Collector
from stacks.alarms import Alarms
from stacks.alerts import Alerts
from stacks.dashboard import Dashboard
from stacks.ingestion import Ingestion
from stacks.pipeline import Pipeline
from stacks.queries import Queries
from stacks.settings import Settings
from stacks.sources import Sources
from stacks.spark_job import SparkJob


class Observability(Construct):
    """What looks at the other constructs, and changes nothing in them.

    Attributes
    ----------
    topic
        Gets every alarm and every failed run.
    dashboard
        Others may add their widgets.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        ingestion: Ingestion,
        pipeline: Pipeline,
        jobs: list[SparkJob],
        collector: Collector | None,
        key: kms.IKey | None,
        settings: Settings,
    ) -> None:
        super().__init__(scope, id_)
        groups: dict[str, logs.ILogGroup] = {
            "start-pipeline": ingestion.log_group,
            "state machine": pipeline.log_group,
        }
        for job in jobs:
            error, output = job.log_groups
            groups |= {f"{job.name} output": output, f"{job.name} error": error}
        if collector is not None:
            groups["collector"] = collector.log_group
        sources = Sources(
            state_machine=pipeline.state_machine,
            function=ingestion.function,
            queue=ingestion.dead_letters,
            service=None if collector is None else collector.service,
            log_groups=groups,
            job_names=[job.name for job in jobs],
        )
        Queries(self, "Queries", log_groups=list(groups.values()))
        alerts = Alerts(self, "Alerts", state_machine=pipeline.state_machine, key=key, settings=settings)
        self.topic = alerts.topic
        alarms = Alarms(self, "Alarms", sources=sources, topic=self.topic, settings=settings)
        self.dashboard = Dashboard(
            self, "Dashboard", sources=sources, alarms=alarms.all, settings=settings
        ).dashboard
