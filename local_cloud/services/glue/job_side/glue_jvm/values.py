# SPDX-License-Identifier: Apache-2.0
"""Small Scala classes that AWS's Python part makes and hands over."""

from __future__ import annotations

import json
import sys
from typing import Any, NamedTuple


class CallSite(NamedTuple):
    """Where in the script a transformation stands."""

    site: str
    info: str


class JsonOptions(dict[str, Any]):
    """Options, which come as JSON."""

    def __init__(self, text: str) -> None:
        super().__init__(json.loads(text))
        self.pop("callSite", None)


class MappingSpec(NamedTuple):
    """One mapping of ``apply_mapping``; paths with dots, types as the data catalog names them."""

    source: str
    target: str
    target_type: str | None

    @classmethod
    def apply(cls, members: tuple[str, ...]) -> MappingSpec:
        """Read (source, target), (source, target, type) or (source, source type, target, type)."""
        if len(members) == 4:
            return cls(members[0], members[2], members[3])
        return cls(members[0], members[1], members[2] if len(members) == 3 else None)


class ResolveSpec(NamedTuple):
    """What becomes of a column that may have several types."""

    path: str
    action: str

    @classmethod
    def apply(cls, path: str, action: str) -> ResolveSpec:
        """Make one."""
        return cls(path, action)


class RecordUtils:
    """Names in paths."""

    @staticmethod
    def quoteName(name: str) -> str:
        """Return a name as it stands in a path."""
        return f"`{name}`" if "." in name else name


class GluePythonUtils:
    """Conversions between Scala and Python, where both are Python."""

    @staticmethod
    def seqAsJava(values: list[Any]) -> list[Any]:
        """Return the list itself."""
        return values

    @staticmethod
    def constructOption(value: Any) -> Any:
        """Return the value itself; None is None."""
        return value

    @staticmethod
    def constructChoiceOption(choice: str) -> str:
        """Return the action for every column."""
        return choice


class GlueLogger:
    """What ``get_logger`` returns: lines of the job's error log, as log4j's are."""

    def debug(self, message: str) -> None:
        """Log nothing: Glue's level is INFO."""

    def info(self, message: str) -> None:
        """Log a line."""
        print("INFO GlueLogger:", message, file=sys.stderr)

    def warn(self, message: str) -> None:
        """Log a line."""
        print("WARN GlueLogger:", message, file=sys.stderr)

    def error(self, message: str) -> None:
        """Log a line."""
        print("ERROR GlueLogger:", message, file=sys.stderr)


class StreamingSource:
    """Metrics of streaming batches, which nobody reads here."""

    @staticmethod
    def updateNumRecords(count: int) -> None:
        """Drop it."""

    @staticmethod
    def updateBatchProcessingTimeInMs(milliseconds: int) -> None:
        """Drop it."""
