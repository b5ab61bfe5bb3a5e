# SPDX-License-Identifier: Apache-2.0
"""Who does not ask for Airflow loads nothing of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
WITHOUT_AIRFLOW = """
import sys
import demo.run, local_cloud.cli, local_cloud.server.__main__
from local_cloud.services import cloudformation
cloudformation.install()  # as the server does, once it is ready
print([name for name in sys.modules if name.partition(".")[0] in ("airflow", "with_airflow")])
"""


def test_the_plain_cloud_and_the_plain_demo_load_nothing_of_airflow() -> None:
    command = [sys.executable, "-c", WITHOUT_AIRFLOW]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
