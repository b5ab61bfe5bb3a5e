# SPDX-License-Identifier: Apache-2.0
"""The whole system in one stack: a table of contents."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
from constructs import Construct

from stacks.acknowledgements import acknowledge
from stacks.collector import Collector
from stacks.data_bucket import DataBucket
from stacks.emptying import OwnedEmptying
from stacks.encryption import CustomerKey
from stacks.glue_runtime import GlueRuntime
from stacks.ingestion import Ingestion
from stacks.log_bucket import LogBucket
from stacks.network import Network
from stacks.pipeline import Pipeline
from stacks.settings import Settings
from stacks.spark_job import SparkJob
from stacks.xray import trace_console_url


class OtelSolutionStack(cdk.Stack):
    """Upload -> Lambda -> Step Functions -> two Glue Spark jobs, and the collector that takes their spans."""

    def __init__(self, scope: Construct, id_: str, *, settings: Settings, **kwargs: Any) -> None:
        super().__init__(scope, id_, **kwargs)
        days = settings.log_retention_days
        key = CustomerKey(self, "Key")
        log_bucket = LogBucket(self, "LogBucket", retention_days=days)
        network = Network(self, "Network", nat=settings.network == "nat", flow_logs=log_bucket)
        collector = Collector(self, "Collector", network=network, key=key, settings=settings)

        runtime = GlueRuntime(
            self, "Glue", network=network, otlp_endpoint=collector.endpoint, key=key, settings=settings
        )
        clean = SparkJob(self, "CleanJob", name="clean-job", script="clean_job.py", runtime=runtime)
        process = SparkJob(self, "ProcessJob", name="process-job", script="process_job.py", runtime=runtime)

        pipeline = Pipeline(
            self, "Pipeline", clean_job=clean, process_job=process, key=key, retention_days=days
        )
        ingestion = Ingestion(
            self, "Ingestion", state_machine=pipeline.state_machine, key=key, settings=settings
        )
        bucket = DataBucket(self, "DataBucket", access_logs=log_bucket)
        bucket.call_on_upload(ingestion.function)
        bucket.grant_job(clean.role, reads=["input"], writes=["clean", "rejected"])
        bucket.grant_job(process.role, reads=["clean"], writes=["processed"])

        OwnedEmptying(self, "Emptying", key=key, dead_letters=ingestion.dead_letters, retention_days=days)
        acknowledge(self)
        self._output("BucketName", "Upload below input/ in this bucket", bucket.bucket_name)
        self._output("UploadCommand", "Starts a run", f"aws s3 cp FILE s3://{bucket.bucket_name}/input/")
        self._output("StateMachineArn", "Runs the two jobs", pipeline.state_machine.state_machine_arn)
        self._output(
            "DeadLetterQueueUrl", "Uploads that could not be started", ingestion.dead_letters.queue_url
        )
        self._output("TraceConsoleUrl", "The traces", trace_console_url(self))

    def _output(self, name: str, description: str, value: str) -> None:
        cdk.CfnOutput(self, name, description=description, value=value)
