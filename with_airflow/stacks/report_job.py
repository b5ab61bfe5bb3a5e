# SPDX-License-Identifier: Apache-2.0
"""The report job: its script, what any place of it may do, and EMR Serverless as the place."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import aws_cdk.aws_emrserverless as emrserverless
import aws_cdk.aws_iam as iam
import aws_cdk.aws_kms as kms
import aws_cdk.aws_s3 as s3
import aws_cdk.aws_s3_assets as assets
from constructs import Construct

from glue_tracing.log_group import OwnedLogGroup, write_statement
from glue_tracing.trust import service
from glue_tracing.xray import job_statement
from stacks.acknowledgements import AUTHORIZATION
from stacks.data_bucket import READ, WRITE
from with_airflow.stacks.execution_role import ExecutionRole

EMR_JOBS = Path(__file__).resolve().parent.parent / "emr_jobs"
# Spark 3.5.6, that of Glue 5.1: https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/release-version-7110.html
RELEASE = "emr-7.11.0"
PYTHON = "/usr/bin/python3.11"  # the release's default is 3.9, the library wants 3.11
NAME = "report-job"  # what traces, metrics and logs call it
IDLE = 1  # minutes without a job until the application gives its workers back
MOST_CPU, MOST_MEMORY = "16 vCPU", "64 GB"  # of all runs at a time


class ReportCode(Construct):
    """The script and the library, as assets, and the rights that the job needs wherever it runs.

    Attributes
    ----------
    script_uri, library_uri
        ``s3://`` URIs.
    open_resources
        What the job's role names with a wildcard -> why.
    """

    def __init__(self, scope: Construct, id_: str, *, bucket: s3.IBucket, library: assets.Asset) -> None:
        super().__init__(scope, id_)
        self._bucket = bucket
        self._script = assets.Asset(self, "Script", path=str(EMR_JOBS / "report_job.py"))
        self._library = library
        self.script_uri = self._script.s3_object_url
        self.library_uri = library.s3_object_url
        read, written = bucket.arn_for_objects("processed/*"), bucket.arn_for_objects("reports/*")
        self.open_resources = dict.fromkeys(
            (read, written),
            "The job reads what the process job wrote for any upload, and writes below reports/. "
            f"{AUTHORIZATION}/list_amazons3.html",
        )

    def statements(self) -> list[iam.PolicyStatement]:
        """Return the rights to read code and ``processed/``, write ``reports/`` and send telemetry."""
        code = [asset.bucket.arn_for_objects(asset.s3_object_key) for asset in (self._script, self._library)]
        return [
            iam.PolicyStatement(sid="ReadCode", actions=["s3:GetObject"], resources=code),
            self._objects("ReadProcessed", READ, "processed"),
            self._objects("WriteReports", WRITE, "reports"),
            iam.PolicyStatement(
                sid="ListData",
                actions=["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
                resources=[self._bucket.bucket_arn],
            ),
            job_statement(None),
        ]

    def _objects(self, sid: str, actions: list[str], prefix: str) -> iam.PolicyStatement:
        # EMRFS marks a folder with an object beside it.
        names = (f"{prefix}/*", f"{prefix}_$folder$")
        return iam.PolicyStatement(
            sid=sid, actions=actions, resources=[self._bucket.arn_for_objects(name) for name in names]
        )


class ServerlessReport(Construct):
    """An EMR Serverless application: nothing runs, and nothing is billed, between two runs.

    Attributes
    ----------
    application
        ``attr_application_id`` is its id.
    role, log_groups
        The job's role, and where its runs write.
    open_resources
        What Airflow's role names with a wildcard to run it -> why.
    options
        Its keys of with_airflow/stacks/options.py.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        code: ReportCode,
        subnet_ids: list[str],
        security_group_id: str,
        key: kms.IKey | None,
        retention_days: int,
    ) -> None:
        super().__init__(scope, id_)
        stack = cdk.Stack.of(self)
        logs = OwnedLogGroup(
            self,
            "Logs",
            key=key,
            retention_days=retention_days,
            name=f"/aws/emr-serverless/{stack.stack_name}",
        )
        self.log_groups = [logs]
        self.application = self._build_application(logs, subnet_ids, security_group_id)
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=service(self, "emr-serverless", source_arn=self.application.attr_arn),
        )
        # https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/logging.html
        for statement in (
            *code.statements(),
            write_statement([logs], "logs:CreateLogGroup", "logs:DescribeLogStreams"),
            iam.PolicyStatement(sid="FindLogs", actions=["logs:DescribeLogGroups"], resources=["*"]),
        ):
            self.role.add_to_policy(statement)

        self.open_resources: dict[str, str] = {}
        self.options = {
            "emr_application": self.application.attr_application_id,
            "emr_role": self.role.role_arn,
            "report_log_group": logs.log_group_name,
        }

    def grant_run(self, airflow: ExecutionRole) -> None:
        """Let the DAG run jobs of this application in the job's role."""
        application = self.application.attr_arn
        runs = f"{application}/jobruns/*"
        self.open_resources[runs] = (
            "Nobody knows the id of a job run before it is started. "
            f"{AUTHORIZATION}/list_amazonemrserverless.html"
        )
        airflow.add_to_policy(
            iam.PolicyStatement(
                sid="RunReport",
                actions=[
                    "emr-serverless:CancelJobRun",
                    "emr-serverless:GetApplication",
                    "emr-serverless:GetJobRun",
                    "emr-serverless:StartApplication",
                    "emr-serverless:StartJobRun",
                ],
                resources=[application, runs],
            )
        )
        airflow.grant_passing(self.role, to="emr-serverless.amazonaws.com")

    def _build_application(
        self, logs: OwnedLogGroup, subnet_ids: list[str], group_id: str
    ) -> emrserverless.CfnApplication:
        application = emrserverless.CfnApplication
        return application(
            self,
            "Application",
            type="SPARK",
            release_label=RELEASE,
            architecture="ARM64",
            auto_start_configuration=application.AutoStartConfigurationProperty(enabled=True),
            auto_stop_configuration=application.AutoStopConfigurationProperty(
                enabled=True, idle_timeout_minutes=IDLE
            ),
            maximum_capacity=application.MaximumAllowedResourcesProperty(cpu=MOST_CPU, memory=MOST_MEMORY),
            network_configuration=application.NetworkConfigurationProperty(
                subnet_ids=subnet_ids, security_group_ids=[group_id]
            ),
            monitoring_configuration=application.MonitoringConfigurationProperty(
                cloud_watch_logging_configuration=application.CloudWatchLoggingConfigurationProperty(
                    enabled=True, log_group_name=logs.log_group_name
                ),
                # AWS would keep a copy of its own for 30 days, and destroy could not take it along.
                managed_persistence_monitoring_configuration=application.ManagedPersistenceMonitoringConfigurationProperty(
                    enabled=False
                ),
            ),
            runtime_configuration=[
                application.ConfigurationObjectProperty(
                    classification="spark-defaults",
                    properties={
                        "spark.emr-serverless.driverEnv.PYSPARK_DRIVER_PYTHON": PYTHON,
                        "spark.emr-serverless.driverEnv.PYSPARK_PYTHON": PYTHON,
                        "spark.executorEnv.PYSPARK_PYTHON": PYTHON,
                    },
                )
            ],
        )
