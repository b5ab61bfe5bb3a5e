# SPDX-License-Identifier: Apache-2.0
"""A ministack with X-Ray, started once for the tests of this folder that need one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.local_cloud.xray.ministack import Ministack

_HERE = Path(__file__).parent
_PROJECT = _HERE.parents[3]


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministack]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_PROJECT), str(_PROJECT / "glue_jobs")])}
    environment["TMPDIR"] = str(tmp_path_factory.mktemp("ministack"))  # it leaves the code of functions there
    environment["LAMBDA_ASYNC_RETRY_BASE_SECONDS"] = "0.05"
    process = subprocess.Popen(
        [sys.executable, str(_HERE / "ministack_process.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        line = process.stdout.readline()
        yield Ministack(**json.loads(line))
    finally:
        process.stdin.close()
        process.wait(timeout=10)
