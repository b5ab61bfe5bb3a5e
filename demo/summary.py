# SPDX-License-Identifier: Apache-2.0
"""What came out: rows counted in the files themselves, not taken from what the jobs report."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.dataset as ds


def copy_bucket(s3: Any, bucket: str, target: Path) -> None:
    """Copy every object but the input to a directory."""
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            if item["Key"].endswith("/") or item["Key"].startswith("input/"):
                continue
            path = target / item["Key"]
            path.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(bucket, item["Key"], str(path))


def count_parquet(root: Path) -> int:
    """Count the rows of all Parquet files below a directory."""
    files = [str(path) for path in root.rglob("*.parquet")]
    return int(ds.dataset(files, format="parquet").count_rows()) if files else 0


def count_rejected(root: Path) -> Counter[str]:
    """Count rejected rows by their ``_reason``, from the JSON lines below a directory."""
    reasons: Counter[str] = Counter()
    for path in sorted(root.rglob("*.json")):
        with path.open(encoding="utf-8") as lines:
            reasons.update(json.loads(line)["_reason"] for line in lines if line.strip())
    return reasons


def find_annotation(trace: dict[str, Any], name: str) -> int | None:
    """Return the first value of an annotation or attribute in the segments of a trace."""
    for segment in trace["Segments"]:
        document = json.loads(segment["Document"])
        for source in (document.get("annotations", {}), document.get("metadata", {}).get("default", {})):
            if name in source:
                return int(source[name])
    return None


def summarize(trace: dict[str, Any], objects: Path) -> dict[str, Any]:
    """Return the rows part of ``summary.json``; ``None`` for what the trace does not have."""
    rejected = count_rejected(objects / "rejected")
    return {
        "rows_read": find_annotation(trace, "rows_read"),
        "rows_clean": count_parquet(objects / "clean"),
        "rows_duplicate": find_annotation(trace, "rows_duplicate"),
        "rows_rejected": sum(rejected.values()),
        "rejected_by_reason": dict(rejected.most_common()),
    }
