# SPDX-License-Identifier: Apache-2.0
"""Scala's GlueContext: sources and sinks by name."""

from __future__ import annotations

from typing import Any, NoReturn

from glue_jvm import catalog
from glue_jvm.missing import missing
from glue_jvm.sinks import Sink
from glue_jvm.sources import CatalogSource, Source

_CATALOG_OPTIONS = {"catalogPartitionPredicate", "groupFiles", "groupSize", "recurse", "boundedFiles"}


class GlueContext:
    """Made with Spark's context, and numbers of partitions that Spark chooses better.

    Parameters
    ----------
    context
        The Scala SparkContext.
    partitions
        Least and wanted number of partitions.
    """

    def __init__(self, context: Any, *partitions: int) -> None:
        self._context = context

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)
        missing(f"GlueContext.{name}")

    def getSource(self, kind: str, options: dict[str, Any], ctx: str, predicate: str) -> Source:
        """Return a source of files."""
        return Source(kind, options, predicate)

    def getSink(self, kind: str, options: dict[str, Any], ctx: str) -> Sink:
        """Return a sink of files."""
        return Sink(kind, options)

    def getCatalogSource(
        self, database: str, table: str, temporary: str, ctx: str, predicate: str, options: dict[str, Any],
        catalog_id: str | None,
    ) -> CatalogSource:  # fmt: skip
        """Return a table as a source."""
        _check(options)
        both = [part for part in (predicate, options.get("catalogPartitionPredicate")) if part]
        return CatalogSource(catalog.table(database, table), " and ".join(f"({part})" for part in both))

    def getCatalogSink(
        self,
        database: str,
        table: str,
        temporary: str,
        ctx: str,
        options: dict[str, Any],
        catalog_id: str | None,
    ) -> Sink:
        """Return the files of a table as a sink; new partitions need ``enableUpdateCatalog``, as in Glue."""
        found = catalog.table(database, table)
        keys = options.get("partitionKeys") or [key.name for key in found.partition_keys]
        sink = Sink("s3", {**options, "path": found.location, "partitionKeys": keys})
        sink.setCatalogInfo(database, table)
        csv = {"separator": found.options["separator"], "writeHeader": found.options["withHeader"]}
        sink.setFormat(found.format, csv if found.format == "csv" else {})
        return sink


def _check(options: dict[str, Any]) -> None:
    unknown = sorted(set(options) - _CATALOG_OPTIONS)
    if unknown:
        missing(f"option {', '.join(unknown)} of a table")
