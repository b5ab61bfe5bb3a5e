# SPDX-License-Identifier: Apache-2.0
"""``python -m with_airflow.demo [--dataset FILE]``: exit code 0 when everything went well."""

from __future__ import annotations

import sys

from demo.command import main
from with_airflow.demo.run import run

if __name__ == "__main__":
    sys.exit(main(run, description=__doc__))
