# SPDX-License-Identifier: Apache-2.0
"""Where DynamicFrames go: files in S3, which are added to those that are there, as Glue does."""

from __future__ import annotations

from typing import Any

from pyspark.sql import functions as f
from pyspark.sql.types import NullType

from glue_jvm import catalog_update, formats
from glue_jvm.frame import DynamicFrame
from glue_jvm.paths import quoted

_KNOWN = {
    "path", "partitionKeys", "compression", "useFrameName", "enableUpdateCatalog", "updateBehavior"
}  # fmt: skip
_WITHOUT_EFFECT = {"groupFiles", "groupSize", "useS3ListImplementation"}


class Sink:
    """Files of one format below one path.

    Parameters
    ----------
    connection_type
        ``s3``, or the format itself for Parquet and ORC.
    options
        Glue's connection options.
    """

    def __init__(self, connection_type: str, options: dict[str, Any]) -> None:
        unknown = set(options) - _KNOWN - _WITHOUT_EFFECT
        self._format = formats.of_files(
            connection_type, (name for name in unknown if options[name] not in (False, ""))
        )
        self._to = options
        self._options: dict[str, Any] = {}
        self._table: tuple[str, str] | None = None

    def setFormat(self, name: str, options: dict[str, Any]) -> None:
        """Set the format and its options."""
        self._format, self._options = name, options

    def setCatalogInfo(self, database: str, table: str, catalog_id: str = "") -> None:
        """Set the table that ``enableUpdateCatalog`` is about."""
        self._table = database, table

    def setAccumulableSize(self, size: int) -> None:
        """Do nothing: it bounds what Glue keeps of errors."""

    def pyWriteDynamicFrame(self, frame: DynamicFrame, site: str, info: str) -> DynamicFrame:
        """Write the records; return the ones that could not be written, of which there are none."""
        path = str(self._to["path"])
        if self._to.get("useFrameName"):
            path = f"{path.rstrip('/')}/{frame.getName()}"
        self.write(frame, path)
        return DynamicFrame.emptyDynamicFrame(None)

    def write(self, frame: DynamicFrame, path: str) -> None:
        """Write the records below a path."""
        kind = formats.spark_format(self._format)
        header = formats.flag(self._options.get("writeHeader", True))
        rows = frame.rows
        empty = [field.name for field in rows.schema if isinstance(field.dataType, NullType)]
        rows = rows.withColumns({name: f.col(quoted(name)).cast("string") for name in empty})
        writer = rows.write.mode("append").format(kind)
        writer = writer.options(**formats.options(kind, self._options, header=header))
        if self._to.get("compression"):
            writer = writer.option("compression", self._to["compression"])
        keys = self._to.get("partitionKeys") or []
        writer.partitionBy(*keys).save(path)
        if self._table and formats.flag(self._to.get("enableUpdateCatalog", False)):
            catalog_update.update(
                rows,
                database=self._table[0],
                table=self._table[1],
                location=path,
                kind=kind,
                keys=keys,
                options=self._options,
                change_columns=self._to.get("updateBehavior") == "UPDATE_IN_DATABASE",
            )
