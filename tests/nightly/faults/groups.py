# SPDX-License-Identifier: Apache-2.0
"""The modules that hold the faults, in the order of the table."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

GLUE_JOBS = Path(__file__).resolve().parents[3] / "glue_jobs"
MODULES = (
    "s3_deliveries", "s3_keys", "starting", "burst", "glue_runs", "glue_kills", "glue_disk",
    "collector", "xray", "headers", "data_files", "data_mutations", "data_gigabyte",
)  # fmt: skip


def load() -> None:
    """Import them: each puts its faults into the table."""
    sys.path.insert(0, str(GLUE_JOBS))  # the collector stand-in translates with the jobs' own translator
    for name in MODULES:
        importlib.import_module(f"tests.nightly.faults.{name}")
