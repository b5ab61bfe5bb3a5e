# SPDX-License-Identifier: Apache-2.0
"""Node for the commands of a cloud's user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from local_cloud.environment import link_node


def test_node_comes_without_the_programs_that_do_not_run(tmp_path: Path) -> None:
    # Given Node's folder before the one of Python, as a command in a local cloud has them
    link_node(tmp_path / "node")
    path = os.pathsep.join([str(tmp_path / "node"), str(Path(sys.executable).parent), os.environ["PATH"]])
    # When node and npx are looked for
    assert shutil.which("node", path=path) == str(tmp_path / "node" / "node")
    npx = shutil.which("npx", path=path)
    # Then npx is one that runs
    assert npx is not None
    done = subprocess.run(
        [npx, "--version"], env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
