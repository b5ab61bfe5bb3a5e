# SPDX-License-Identifier: Apache-2.0
"""What a deployed job needs of an installation: the library as one zip, the script that runs its own."""

from glue_xray.bundle.library import ARGUMENT, RUNNER, installed, job_argument, library_zip, python_of
from glue_xray.bundle.rights import WORKFLOW_ACTION, XRAY_OTLP, workflow_arn, xray_actions

__all__ = [
    "ARGUMENT",
    "RUNNER",
    "WORKFLOW_ACTION",
    "XRAY_OTLP",
    "installed",
    "job_argument",
    "library_zip",
    "python_of",
    "workflow_arn",
    "xray_actions",
]
