# SPDX-License-Identifier: Apache-2.0
"""One uploaded file to a report: crawl the source, clean, process, count by neighbourhood and month.

The two Glue jobs are those that Step Functions runs. Trigger it with the key of the uploaded object::

    {"key": "input/listings.csv"}
"""

from __future__ import annotations

from airflow.configuration import conf
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.providers.amazon.aws.operators.glue_crawler import GlueCrawlerOperator
from airflow.sdk import DAG, Param, chain

from report_cluster import cluster_tasks
from report_places import INPUT, PLACES
from report_task import report_task
from traced_dag import HANDED_OVER, MACROS
from traced_dag.causes import EXPLAINED

# Seconds between two looks, and how many; Glue itself gives up a job after eight hours
POLL = {"waiter_delay": 5, "waiter_max_attempts": 6000}

ON_A_CLUSTER = conf.get("listings", "emr") == "cluster"

with DAG(
    "listings_report",
    description="Crawl, clean, process and count one uploaded file of listings",
    schedule=None,
    params={"key": Param(type="string", pattern="^input/.+", description="The object to read")},
    user_defined_macros={**MACROS, **PLACES},
    default_args=EXPLAINED,
    tags=["listings"],
) as dag:
    crawl = GlueCrawlerOperator(
        task_id="crawl",
        config={"Name": conf.get("listings", "crawler")},
        poll_interval=POLL["waiter_delay"],
        deferrable=True,
    )
    clean = GlueJobOperator(
        task_id="clean",
        job_name=conf.get("listings", "clean_job"),
        script_args={
            "--input_uri": INPUT,
            "--clean_uri": "{{ place('clean', params.key, run_id) }}",
            "--rejected_uri": "{{ place('rejected', params.key, run_id) }}",
            "--run_date": "{{ dag_run.run_after | ds }}",
            **HANDED_OVER,
        },
        deferrable=True,
        **POLL,
    )
    process = GlueJobOperator(
        task_id="process",
        job_name=conf.get("listings", "process_job"),
        script_args={
            "--clean_uri": "{{ place('clean', params.key, run_id) }}",
            "--processed_uri": "{{ place('processed', params.key, run_id) }}",
            **HANDED_OVER,
        },
        deferrable=True,
        **POLL,
    )
    chain(crawl, clean, process, *(cluster_tasks(POLL) if ON_A_CLUSTER else [report_task(POLL)]))
