# SPDX-License-Identifier: Apache-2.0
"""Airflow in front of the pipeline: everything of it, and nothing of it loaded before it is asked for.

``dags/``         what Amazon MWAA runs; ``traced_dag`` in it joins any DAG to its jobs' trace
``emr_jobs/``     the job that the DAG runs on EMR, after the two Glue jobs
``stacks/``       the second stack, for ``-c airflow=mwaa``
``deploy_dags/``  the Lambda function that fills the DAG bucket
``local/``        Amazon MWAA and EMR Serverless on one machine, for ``local_cloud``
``demo/``         ``make demo-airflow``
``tests/``        ``e2e/`` is ``make test-airflow``; the others need no Airflow

docs/airflow.md is the manual.
"""
