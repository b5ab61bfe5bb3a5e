# SPDX-License-Identifier: Apache-2.0
"""The zips of this application: what the Lambda function and the jobs carry. Knows no CDK."""

from __future__ import annotations

from pathlib import Path

from glue_xray.bundle import installed, library_zip
from glue_xray.bundle.python_package import python_package

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "python"
LAMBDA = ROOT / "lambda"
GLUE_JOBS = ROOT / "glue_jobs"


def start_pipeline_zip() -> Path:
    """Build, or find, the zip of the function that starts the pipeline."""
    return python_package(
        "start-pipeline",
        sources={
            "start_pipeline": LAMBDA / "start_pipeline",
            "data_layout": GLUE_JOBS / "data_layout",
            **installed("xray_common"),
        },
        requirements=LAMBDA / "requirements.txt",
        cache=BUILD,
    )


def glue_library_zip() -> Path:
    """Build, or find, the zip that every job imports from."""
    sources = {name: GLUE_JOBS / name for name in ("data_layout", "transforms")}
    return library_zip(sources=sources, cache=BUILD)
