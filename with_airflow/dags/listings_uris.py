# SPDX-License-Identifier: Apache-2.0
"""Where a run reads and writes: the layout of the main stack, with the DAG run's id as the run's."""

from __future__ import annotations

from airflow.configuration import conf

from data_layout import places
from data_layout.datasets import dataset_of
from traced_dag import path_safe

BUCKET = conf.get("listings", "data_bucket")
INPUT_URI = f"s3://{BUCKET}/{{{{ params.key }}}}"


def output_uri(kind: str, key: str, run_id: str) -> str:
    """Return the URI of one kind of output of a run over one object.

    Examples
    --------
    ``output_uri("clean", "input/2026/listings.csv", "nightly-7")`` is
    ``s3://<bucket>/clean/2026/listings/run_id=nightly-7``.

    Raises
    ------
    NotADataSet
        When the key cannot be one's: the task fails with the sentence, before it starts a job.
    """
    return places.output_uri(BUCKET, kind, dataset_of(key), path_safe(run_id))


URI_MACROS = {"output_uri": output_uri}
