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

from listings_uris import INPUT_URI, URI_MACROS
from report_cluster import cluster_tasks
from report_task import report_task
from traced_dag import MACROS, TRACE_ARGUMENTS
from traced_dag.causes import FAILURE_CALLBACKS

# Seconds between two polls, and how many; Glue itself gives up a job after eight hours
POLL = {"waiter_delay": 5, "waiter_max_attempts": 6000}

ON_A_CLUSTER = conf.get("listings", "emr") == "cluster"

with DAG(
    "listings_report",
    description="Crawl, clean, process and count one uploaded file of listings",
    schedule=None,
    params={"key": Param(type="string", pattern="^input/.+", description="The object to read")},
    user_defined_macros={**MACROS, **URI_MACROS},
    default_args=FAILURE_CALLBACKS,
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
            "--input_uri": INPUT_URI,
            "--clean_uri": "{{ output_uri('clean', params.key, run_id) }}",
            "--rejected_uri": "{{ output_uri('rejected', params.key, run_id) }}",
            "--run_date": "{{ dag_run.run_after | ds }}",
            **TRACE_ARGUMENTS,
        },
        deferrable=True,
        **POLL,
    )
    process = GlueJobOperator(
        task_id="process",
        job_name=conf.get("listings", "process_job"),
        script_args={
            "--clean_uri": "{{ output_uri('clean', params.key, run_id) }}",
            "--processed_uri": "{{ output_uri('processed', params.key, run_id) }}",
            **TRACE_ARGUMENTS,
        },
        deferrable=True,
        **POLL,
    )
    chain(crawl, clean, process, *(cluster_tasks(POLL) if ON_A_CLUSTER else [report_task(POLL)]))
