# SPDX-License-Identifier: Apache-2.0
"""The whole system in one stack: a table of contents."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from glue_tracing import Collector, GlueTracing, Network
from glue_tracing.custom_resources import CustomResources
from glue_tracing.xray import trace_console_url
from glue_xray.bundle import XRAY_OTLP
from stacks.acknowledgements import acknowledge, acknowledged
from stacks.data_bucket import LIST, WRITE, DataBucket
from stacks.emptying import OwnedEmptying
from stacks.encryption import customer_key
from stacks.ingestion import Ingestion
from stacks.job_metrics import namespace
from stacks.log_bucket import LogBucket
from stacks.observability import Observability
from stacks.packages import glue_library_zip
from stacks.pipeline import Pipeline
from stacks.settings import Settings
from stacks.spark_job import SparkJob
from stacks.telemetry_switches import switches


class OtelSolutionStack(cdk.Stack):
    """Upload -> Lambda -> Step Functions -> two Glue Spark jobs, and the collector that takes their spans.

    Attributes
    ----------
    key, network, collector, tracing, jobs, bucket
        What another stack may build on: the customer key, the network with the collector, what traces the
        Spark jobs, the clean and the process job, and the data bucket.
    dashboard
        Where others may add their widgets.
    """

    def __init__(self, scope: Construct, id_: str, *, settings: Settings, **kwargs: Any) -> None:
        super().__init__(scope, id_, **kwargs)
        settings = settings.consistent()
        days = settings.log_retention_days
        key = self.key = customer_key(self, settings.customer_key)
        access_logs, flow_logs = settings.access_logs == "enabled", settings.flow_logs == "enabled"
        logs = None
        if access_logs or flow_logs:
            logs = LogBucket(self, "LogBucket", retention_days=days, log_access=access_logs)
        network = collector = None
        if settings.collector != "none":
            network = Network(
                self,
                "Network",
                nat=settings.network == "nat",
                zones=settings.zone_names,
                flow_logs=logs if flow_logs else None,
            )
            custom_resources = CustomResources(self, "CustomResources", key=key, retention_days=days)
            collector = Collector(
                self,
                "Collector",
                network=network,
                custom_resources=custom_resources,
                tasks=settings.collector_tasks,
                capacity=settings.collector_capacity,
                architecture=settings.collector_architecture,
                container_insights=settings.container_insights,
                metrics_namespace=namespace(self),
                key=key,
                retention_days=days,
            )

        self.network, self.collector = network, collector
        tracing = self.tracing = GlueTracing(
            self,
            "Glue",
            collector=collector,
            endpoint=XRAY_OTLP if settings.xray_otlp == "enabled" else None,
            **switches(settings),
            library=glue_library_zip(),
        )
        clean, process = self.jobs = [
            SparkJob(self, id_, name=name, script=script, tracing=tracing, key=key, settings=settings)
            for id_, name, script in (
                ("CleanJob", "clean-job", "clean_job.py"),
                ("ProcessJob", "process-job", "process_job.py"),
            )
        ]

        pipeline = Pipeline(
            self, "Pipeline", clean_job=clean, process_job=process, key=key, retention_days=days
        )
        ingestion = Ingestion(
            self,
            "Ingestion",
            state_machine=pipeline.state_machine,
            key=key,
            settings=settings,
        )
        bucket = self.bucket = DataBucket(self, "DataBucket", access_logs=logs if access_logs else None)
        if settings.start_on_upload == "enabled":
            bucket.call_on_upload(ingestion.function)
        if settings.log_correlation == "enabled":
            bucket.let_read_metadata(ingestion.role)
        bucket.grant_job(clean.role, reads=["input"], writes=["clean", "rejected"])
        bucket.grant_job(process.role, reads=["clean"], writes=["processed"])
        if network is not None:
            network.let_reach([bucket, tracing.library().bucket], [*WRITE, *LIST])

        observability = Observability(
            self,
            "Observability",
            ingestion=ingestion,
            pipeline=pipeline,
            jobs=self.jobs,
            collector=collector,
            key=key,
            settings=settings,
        )
        self.dashboard = observability.dashboard
        OwnedEmptying(self, "Emptying", key=key, dead_letters=ingestion.dead_letters, retention_days=days)
        if collector is not None:
            custom_resources.keep_failures_in(ingestion.dead_letters)
        acknowledge(self, acknowledged(self, settings))
        self._output("BucketName", "Upload below input/ in this bucket", bucket.bucket_name)
        self._output("UploadCommand", "Starts a run", f"aws s3 cp FILE s3://{bucket.bucket_name}/input/")
        self._output("StateMachineArn", "Runs the two jobs", pipeline.state_machine.state_machine_arn)
        self._output(
            "DeadLetterQueueUrl", "Uploads that could not be started", ingestion.dead_letters.queue_url
        )
        self._output("TraceConsoleUrl", "The traces", trace_console_url(self))
        if collector is not None and tracing.connection is not None:
            self._output("CollectorEndpoint", "For jobs of other stacks: --otlp_endpoint", collector.endpoint)
            self._output(
                "CollectorConnection", "Their connection into its VPC", tracing.connection.connection_name
            )

    def _output(self, name: str, description: str, value: str) -> None:
        cdk.CfnOutput(self, name, description=description, value=value)
