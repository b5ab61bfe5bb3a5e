# SPDX-License-Identifier: Apache-2.0
"""What a deployed job needs of an installation: the library as one zip, the script that runs its own."""

from glue_xray.bundle.library import ARGUMENT, RUNNER, installed, job_argument, library_zip, python_of

__all__ = ["ARGUMENT", "RUNNER", "installed", "job_argument", "library_zip", "python_of"]
