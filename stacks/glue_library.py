# SPDX-License-Identifier: Apache-2.0
"""The zip that Glue jobs carry in ``--extra-py-files``: a start installs nothing."""

from __future__ import annotations

from pathlib import Path

from stacks.own_wheel import wheel_packages
from stacks.python_package import python_package

GLUE_JOBS = Path(__file__).resolve().parent.parent / "glue_jobs"


def glue_library() -> Path:
    """Build, or find, the zip of ``transforms``, the tracing library from our wheel, and their packages."""
    return python_package(
        "glue-library",
        sources={
            "transforms": GLUE_JOBS / "transforms",
            **wheel_packages("xray_common", "xray_helper"),
        },
        requirements=GLUE_JOBS / "requirements.txt",
    )
