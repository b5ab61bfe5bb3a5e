# SPDX-License-Identifier: Apache-2.0
"""`cdk deploy` in a clone of which only the requirements are installed: its root alone is on the path."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]
CODE = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from glue_xray.bundle import installed
print(*installed("xray_common", "xray_helper").values())
"""


def test_the_library_is_found_in_the_clone() -> None:
    done = subprocess.run([sys.executable, "-S", "-c", CODE], capture_output=True, text=True, timeout=60)
    folders = [str(ROOT / "glue_jobs" / name) for name in ("xray_common", "xray_helper")]
    assert done.stdout.split() == folders, done.stderr
