# SPDX-License-Identifier: Apache-2.0
"""The reference names what there is, and nothing else."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import Final

from tests.unit.docs.names_in_code import attribute_names
from tests.unit.docs.reference import PAGE, named, page, parameters
from xray_helper import Settings
from xray_helper.metrics import job_metrics, self_metrics

# Constants of that form that are no attributes of a job's spans
_OTHERS: Final = {
    "spark.job.tags",  # a property of Spark's threads
    "xray.step",  # ours among them
    # What the translator reads from the spans of other instrumentations
    "aws.account_id", "aws.local.service", "aws.operation", "aws.queue.url", "aws.queue_url", "aws.region",
    "aws.remote.service", "aws.service", "aws.span.kind", "aws.table.name", "aws.table_name",
    "aws.xray.annotations", "aws.xray.inprogress", "aws.amazon.com",
}  # fmt: skip
# Names that the code puts together
_COMPOSED: Final = {
    "spark.executions.evicted", "spark.executions.missing", "spark.jobs.evicted", "spark.jobs.missing",
    "spark.python.batches", "spark.python.groups", "rejected_by_reason", "rejected_uri",
}  # fmt: skip


def test_the_page_is_what_the_generator_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.unit.docs.reference"


def test_every_attribute_of_the_code_is_explained_and_no_other() -> None:
    explained = named("attributes")
    assert attribute_names() - _OTHERS - explained == set()
    assert explained - attribute_names() - _COMPOSED == set()


def test_every_metric_of_the_library_is_explained() -> None:
    made = {
        value
        for module in (job_metrics, self_metrics)
        for name, value in vars(module).items()
        if name.isupper() and not name.startswith("_") and str(value).startswith("job.")
    }
    assert made and made <= named("metrics")


def test_every_setting_has_a_meaning() -> None:
    meanings = dict(parameters(inspect.getdoc(Settings) or ""))
    assert list(meanings) == [field.name for field in fields(Settings)]
    assert all(meanings.values())
