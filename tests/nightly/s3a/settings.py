# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: E501 - class names
"""Spark's settings for S3A; each with its reason. The last group is for a local endpoint alone."""

from __future__ import annotations

from typing import Final

_BINDING: Final = "org.apache.spark.internal.io.cloud"  # of spark-hadoop-cloud

# Source: Hadoop 3.3.4, "Committing work to S3 with the S3A Committers"; Spark 3.5, "Integration with Cloud
# Infrastructures". See docs/decisions/output-committer.md.
COMMITTER: Final = {
    # A task's file is a multipart upload that is completed when the job commits: no rename, and nothing to be seen
    # of a job that fails. The upload of a task attempt that is given up is aborted.
    "spark.hadoop.fs.s3a.committer.name": "magic",
    "spark.hadoop.fs.s3a.committer.magic.enabled": "true",
    # The jobs' URIs are s3://, as on Glue; without this line they would fall back to renaming, without a word
    "spark.hadoop.mapreduce.outputcommitter.factory.scheme.s3": "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory",
    "spark.sql.sources.commitProtocolClass": f"{_BINDING}.PathOutputCommitProtocol",
    # Spark's Parquet writer insists on a ParquetOutputCommitter; this one is, and hands over to the one above
    "spark.sql.parquet.output.committer.class": f"{_BINDING}.BindingParquetOutputCommitter",
}
CONNECTOR: Final = {
    "spark.hadoop.fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem",
    "spark.hadoop.fs.s3a.endpoint.region": "us-east-1",
    "spark.hadoop.fs.s3a.aws.credentials.provider": "com.amazonaws.auth.EnvironmentVariableCredentialsProvider",
}
_LOCAL: Final = {
    "spark.hadoop.fs.s3a.path.style.access": "true",
    "spark.hadoop.fs.s3a.connection.ssl.enabled": "false",
    "spark.hadoop.fs.s3a.attempts.maximum": "2",  # a local endpoint does not throttle: a failure is one
    "spark.master": "local[2]",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.catalogImplementation": "in-memory",
}


def settings(endpoint: str) -> dict[str, str]:
    """Return the settings of a job that reads and writes ``s3://`` through S3A at an endpoint."""
    return {**COMMITTER, **CONNECTOR, **_LOCAL, "spark.hadoop.fs.s3a.endpoint": endpoint}
