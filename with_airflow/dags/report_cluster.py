# SPDX-License-Identifier: Apache-2.0
"""The report job on an EMR cluster that each run starts and that ends with the job.

Two tasks: Airflow's operator waits until the cluster runs, the sensor until it has ended. A step that fails
ends the cluster with errors, and so the sensor.
"""

from __future__ import annotations

from typing import Any

from airflow.configuration import conf
from airflow.providers.amazon.aws.operators.emr import EmrCreateJobFlowOperator
from airflow.providers.amazon.aws.sensors.emr import EmrJobFlowSensor

from report_task import RUN, arguments
from traced_dag import argument_list

PYTHON = "/usr/bin/python3.11"  # the release's default is 3.9
INSTANCES = "m6g.xlarge"


def cluster_tasks(poll: dict[str, int]) -> list[Any]:
    """Return both tasks, in their order."""
    start = EmrCreateJobFlowOperator(
        task_id="report", job_flow_overrides=cluster(), deferrable=True, emr_conn_id=None, **poll
    )
    end = EmrJobFlowSensor(
        task_id="report_end",
        job_flow_id="{{ ti.xcom_pull(task_ids='report') }}",
        target_states=["TERMINATED"],
        poke_interval=poll["waiter_delay"],
        max_attempts=poll["waiter_max_attempts"],
        deferrable=True,
    )
    return [start, end]


def cluster() -> dict[str, Any]:
    """Return the RunJobFlow request; the correlation id is in the name and in the path of the logs."""
    options = {name: conf.get("listings", f"emr_{name}") for name in _OPTIONS}
    python = {"spark.pyspark.python": PYTHON, "spark.pyspark.driver.python": PYTHON}
    return {
        "Name": "report {{ run_id }}",
        "ReleaseLabel": options["release"],
        "LogUri": f"{options['log_uri']}{RUN}/",
        "Applications": [{"Name": "Spark"}],
        "Configurations": [{"Classification": "spark-defaults", "Properties": python}],
        "ServiceRole": options["service_role"],
        "JobFlowRole": options["instance_profile"],
        "Tags": [{"Key": options["tag"], "Value": "true"}],
        "Instances": {
            "Ec2SubnetId": options["subnet"],
            "EmrManagedMasterSecurityGroup": options["security_group"],
            "EmrManagedSlaveSecurityGroup": options["security_group"],
            "ServiceAccessSecurityGroup": options["service_security_group"],
            "KeepJobFlowAliveWhenNoSteps": False,
            "InstanceGroups": [
                {"InstanceRole": role, "InstanceType": INSTANCES, "InstanceCount": 1}
                for role in ("MASTER", "CORE")
            ],
        },
        "Steps": [
            {
                "Name": "report {{ run_id }}",
                "ActionOnFailure": "TERMINATE_CLUSTER",
                "HadoopJarStep": {"Jar": "command-runner.jar", "Args": _spark_submit()},
            }
        ],
    }


_OPTIONS = (
    "release", "log_uri", "service_role", "instance_profile", "tag", "subnet", "security_group",
    "service_security_group",
)  # fmt: skip


def _spark_submit() -> list[str]:
    library, script = conf.get("listings", "report_library"), conf.get("listings", "report_script")
    return ["spark-submit", "--py-files", library, script, *argument_list(arguments())]
