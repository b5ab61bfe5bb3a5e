# SPDX-License-Identifier: Apache-2.0
"""The zips of this application: what the Lambda function and the jobs carry. Knows no CDK."""

from __future__ import annotations

from pathlib import Path

from stacks.python_package import python_package

ROOT = Path(__file__).resolve().parent.parent
LAMBDA = ROOT / "lambda"
GLUE_JOBS = ROOT / "glue_jobs"


def start_pipeline_zip() -> Path:
    """Build, or find, the zip of the function that starts the pipeline."""
    shared = {name: GLUE_JOBS / name for name in ("data_layout", "xray_common")}
    return python_package(
        "start-pipeline",
        sources={"start_pipeline": LAMBDA / "start_pipeline", **shared},
        requirements=LAMBDA / "requirements.txt",
    )


def glue_library_zip() -> Path:
    """Build, or find, the zip that every job imports from."""
    packages = ("data_layout", "transforms", "xray_common", "xray_helper")
    return python_package(
        "glue-library",
        sources={name: GLUE_JOBS / name for name in packages},
        requirements=GLUE_JOBS / "requirements.txt",
    )
