# SPDX-License-Identifier: Apache-2.0
"""Amazon MWAA, the crawler, and the report job: a table of contents."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import aws_cdk.aws_s3 as s3
from constructs import Construct

from stacks.acknowledgements import acknowledge
from stacks.dead_letters import DeadLetterQueue
from stacks.emptying import OwnedEmptying
from stacks.log_bucket import LogBucket
from stacks.otel_solution_stack import OtelSolutionStack
from stacks.queries import Queries
from stacks.settings import Settings
from with_airflow.stacks.acknowledgements import acknowledged
from with_airflow.stacks.catalog import Catalog
from with_airflow.stacks.dag_bucket import DagBucket
from with_airflow.stacks.environment import Environment
from with_airflow.stacks.network import AirflowNetwork
from with_airflow.stacks.options import airflow_options
from with_airflow.stacks.queries import AIRFLOW_QUERIES
from with_airflow.stacks.report_cluster import ReportCluster
from with_airflow.stacks.report_job import NAME, ReportCode, ServerlessReport
from with_airflow.stacks.widgets import airflow_widgets

DATA_BUCKET = "BucketName"  # output of the main stack


class AirflowStack(cdk.Stack):
    """A DAG run: crawler -> the two Glue jobs of the main stack -> a report on EMR, in one trace."""

    def __init__(
        self, scope: Construct, id_: str, *, main: OtelSolutionStack, settings: Settings, **kwargs: Any
    ) -> None:
        super().__init__(scope, id_, **kwargs)
        self.add_stack_dependency(main)
        if main.collector is None or main.network is None:
            raise ValueError("AirflowStack needs the main stack's collector; leave collector=fargate.")
        key, days = main.key, settings.log_retention_days
        data = s3.Bucket.from_bucket_name(self, "Data", cdk.Fn.get_stack_output(main.stack_name, DATA_BUCKET))
        access_logs = None
        if settings.access_logs == "enabled":
            access_logs = LogBucket(self, "LogBucket", retention_days=days, log_access=True)
        dead_letters = DeadLetterQueue(self, "DeadLetters", key=key)
        dags = DagBucket(
            self, "Dags", access_logs=access_logs, dead_letters=dead_letters, key=key, retention_days=days
        )
        network = AirflowNetwork(self, "Network", network=main.network)
        catalog = Catalog(self, "Catalog", bucket=data, key=key, retention_days=days)
        code = ReportCode(self, "ReportCode", bucket=data, library=main.tracing.library())
        environment = Environment(self, "Airflow", dags=dags, key=key, retention_days=days)
        report: ServerlessReport | ReportCluster
        if settings.emr == "serverless":
            report = ServerlessReport(
                self,
                "Report",
                code=code,
                subnet_ids=network.subnet_ids,
                security_group_id=main.network.job_security_group.security_group_id,
                key=key,
                retention_days=days,
            )
        else:
            report = ReportCluster(
                self, "Report", code=code, network=network, main=main.network, logs=dags.bucket
            )
        jobs = [job.job.ref for job in main.jobs]
        environment.role.grant_run(jobs=jobs, crawler=catalog.crawler.ref)
        report.grant_run(environment.role)
        options = airflow_options(
            settings,
            collector_host=main.collector.host,
            clean_job=jobs[0],
            process_job=jobs[1],
            crawler=catalog.crawler.ref,
            database=catalog.database.ref,
            data_bucket=data.bucket_name,
            report_job=NAME,
            report_script=code.script_uri,
            report_library=code.library_uri,
            otlp_endpoint=main.collector.endpoint,
            task_log_group=environment.log_groups["Task"].log_group_name,
            **report.options,
        )
        built = environment.build(network=network, web=settings.airflow_web, options=options)
        Queries(
            self,
            "Queries",
            log_groups=[
                *environment.log_groups.values(),
                *(group for job in main.jobs for group in job.log_groups),
                *report.log_groups,
                *catalog.log_groups,
                main.collector.log_group,
            ],
            queries=AIRFLOW_QUERIES,
        )
        main.dashboard.add_widgets(
            *airflow_widgets(
                main, environment=environment.name, job_names=[*(job.name for job in main.jobs), NAME]
            )
        )
        OwnedEmptying(self, "Emptying", key=key, dead_letters=dead_letters, retention_days=days)
        found = (catalog, code, report, environment.role)
        open_resources = {arn: why for part in found for arn, why in part.open_resources.items()}
        acknowledge(self, acknowledged(self, settings, open_resources))
        cdk.CfnOutput(self, "EnvironmentName", description="The environment", value=built.ref)
        cdk.CfnOutput(
            self, "AirflowUrl", description="Airflow's web page", value=f"https://{built.attr_webserver_url}"
        )
        cdk.CfnOutput(
            self, "DagBucketName", description="DAGs are below dags/", value=dags.bucket.bucket_name
        )
