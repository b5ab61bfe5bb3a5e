# SPDX-License-Identifier: Apache-2.0
"""The Amazon MWAA environment, its log groups, and its role."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
import aws_cdk.aws_kms as kms
import aws_cdk.aws_mwaa as mwaa
from constructs import Construct

from glue_tracing.log_group import OwnedLogGroup
from with_airflow.stacks.dag_bucket import PREFIX, REQUIREMENTS, DagBucket
from with_airflow.stacks.execution_role import ExecutionRole
from with_airflow.stacks.network import AirflowNetwork

VERSION = "3.0.6"  # the newest that CreateEnvironment of botocore 1.44.8 lists (docs/decisions/airflow.md)
CLASS = "mw1.micro"  # scheduler, triggerer and worker in one container; three tasks at a time
LOGS = {  # MWAA names its groups itself: airflow-<environment>-<kind>
    "DAGProcessing": "dag_processing_logs",
    "Scheduler": "scheduler_logs",
    "Task": "task_logs",
    "WebServer": "webserver_logs",
    "Worker": "worker_logs",
}


class Environment(Construct):
    """Airflow 3, as small as MWAA has it; its web page is for people of this account with IAM rights.

    Attributes
    ----------
    name, role
        Of the environment.
    log_groups
        ``DAGProcessing``, ``Scheduler``, ``Task``, ``WebServer``, ``Worker`` -> group.
    """

    def __init__(
        self, scope: Construct, id_: str, *, dags: DagBucket, key: kms.IKey | None, retention_days: int
    ) -> None:
        super().__init__(scope, id_)
        self._dags = dags
        self._key = key
        self.name = cdk.Stack.of(self).stack_name
        self.log_groups = {
            kind: OwnedLogGroup(
                self,
                f"{kind}Logs",
                key=key,
                retention_days=retention_days,
                name=f"airflow-{self.name}-{kind}",
            )
            for kind in LOGS
        }
        self.role = ExecutionRole(
            self,
            "Role",
            environment=self.name,
            log_groups=list(self.log_groups.values()),
            key=key,
        )

        dags.grant_read(self.role)

    def build(self, *, network: AirflowNetwork, web: str, options: Mapping[str, str]) -> mwaa.CfnEnvironment:
        """Create the environment itself, once everything that its options name is known."""
        environment = mwaa.CfnEnvironment(
            self,
            "Environment",
            name=self.name,
            airflow_version=VERSION,
            environment_class=CLASS,
            max_workers=1,
            min_workers=1,
            max_webservers=1,
            min_webservers=1,
            schedulers=1,
            webserver_access_mode=f"{web.upper()}_ONLY",
            execution_role_arn=self.role.role_arn,
            kms_key=None if self._key is None else self._key.key_arn,
            source_bucket_arn=self._dags.bucket.bucket_arn,
            dag_s3_path=PREFIX.rstrip("/"),
            requirements_s3_path=REQUIREMENTS,
            requirements_s3_object_version=self._dags.requirements_version,
            network_configuration=mwaa.CfnEnvironment.NetworkConfigurationProperty(
                security_group_ids=[network.security_group.security_group_id], subnet_ids=network.subnet_ids
            ),
            logging_configuration=_logging(),
            airflow_configuration_options=dict(options),
        )
        policy = self.role.node.find_child("DefaultPolicy")
        environment.node.add_dependency(policy, *self.log_groups.values(), self._dags.deployed, network)
        return environment


def _logging() -> mwaa.CfnEnvironment.LoggingConfigurationProperty:
    every = mwaa.CfnEnvironment.ModuleLoggingConfigurationProperty(enabled=True, log_level="INFO")
    return mwaa.CfnEnvironment.LoggingConfigurationProperty(**dict.fromkeys(LOGS.values(), every))
