# SPDX-License-Identifier: Apache-2.0
"""``python -m demo.airflow [--dataset FILE]``: exit code 0 when everything went well."""

from __future__ import annotations

import sys

from demo.airflow.run import run
from demo.command import main

if __name__ == "__main__":
    sys.exit(main(run, description=__doc__))
