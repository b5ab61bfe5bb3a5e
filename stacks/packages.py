# SPDX-License-Identifier: Apache-2.0
"""The zips of this application: what the Lambda function and the jobs carry. Knows no CDK."""

from __future__ import annotations

from pathlib import Path

from stacks.own_wheel import wheel_packages
from stacks.python_package import python_package

ROOT = Path(__file__).resolve().parent.parent
LAMBDA = ROOT / "lambda"
GLUE_JOBS = ROOT / "glue_jobs"


def start_pipeline_zip() -> Path:
    """Build, or find, the zip of the function that starts the pipeline."""
    return python_package(
        "start-pipeline",
        sources={
            "start_pipeline": LAMBDA / "start_pipeline",
            "data_layout": GLUE_JOBS / "data_layout",
            **wheel_packages("xray_common"),
        },
        requirements=LAMBDA / "requirements.txt",
    )


def custom_resources_zip() -> Path:
    """Build, or find, the zip of the function behind the stack's own custom resources."""
    return python_package("custom-resources", sources={"custom_resources": LAMBDA / "custom_resources"})


def glue_library_zip() -> Path:
    """Build, or find, the zip that every job imports from."""
    return python_package(
        "glue-library",
        sources={
            "data_layout": GLUE_JOBS / "data_layout",
            "transforms": GLUE_JOBS / "transforms",
            **wheel_packages("xray_common", "xray_helper"),
        },
        requirements=GLUE_JOBS / "requirements.txt",
    )
