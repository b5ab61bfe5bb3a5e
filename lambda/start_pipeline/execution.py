# SPDX-License-Identifier: Apache-2.0
"""Name and input of the execution that an object version starts."""

from __future__ import annotations

import re
import unicodedata

from data_layout.datasets import dataset_of
from data_layout.places import output_uri
from start_pipeline.object_version import ObjectVersion

NAME_LIMIT = 80  # characters, of StartExecution
DIGEST_PART = 24  # hexadecimal digits (96 bits): two of a billion uploads share a name with 1e-11
STEM_LIMIT = NAME_LIMIT - DIGEST_PART - 1  # characters


def execution_name(upload: ObjectVersion) -> str:
    """Return the execution's name: for people a stem of the file's name, for Step Functions a digest.

    Every delivery of the same object version gets the same name, so that a second StartExecution meets
    ``ExecutionAlreadyExists``. Only ``0-9A-Za-z-_``: with others, Step Functions does not log the execution.
    A letter or a digit begins it, as every id of a run: it becomes a folder and the value of an argument.

    Examples
    --------
    ``input/2026/Été à Paris.csv`` gives ``Ete-a-Paris-`` and 24 digits.
    """
    file_name = dataset_of(upload.key).rpartition("/")[2]
    plain = unicodedata.normalize("NFKD", file_name).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^0-9A-Za-z_-]+", "-", plain).lstrip("_-")[:STEM_LIMIT].rstrip("-")
    return f"{stem or 'upload'}-{upload.digest[:DIGEST_PART]}"


def execution_input(
    upload: ObjectVersion, *, name: str, trace_header: str, correlation_id: str | None = None
) -> dict[str, str | None]:
    """Return the execution's input: all that the state machine hands on to its jobs.

    ``correlation_id`` is there only where the caller gave one: an execution started by hand needs none.
    URIs hold the key's characters as they are, nothing is percent-encoded.
    """
    dataset = dataset_of(upload.key)

    def output(kind: str) -> str:
        return f"{output_uri(upload.bucket, kind, dataset, name)}/"

    given = {} if correlation_id is None else {"correlation_id": correlation_id}
    return {
        **given,
        "bucket": upload.bucket,
        "key": upload.key,
        "version_id": upload.version_id,
        "dataset": dataset,
        "trace_header": trace_header,
        "run_date": upload.event_time.date().isoformat(),
        "input_uri": upload.uri,
        "clean_uri": output("clean"),
        "processed_uri": output("processed"),
        "rejected_uri": output("rejected"),
    }
