# SPDX-License-Identifier: Apache-2.0
"""The same jobs with Airflow in front, as a user does it: deploy, upload, trigger the DAG, show, destroy.

Like ``demo`` it talks to whatever AWS the environment names, through the CDK CLI and boto3.
``make demo-airflow`` runs it inside a local cloud.
"""
