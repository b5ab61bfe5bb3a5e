# SPDX-License-Identifier: Apache-2.0
"""``make verify`` that is interrupted: a deployment and its removal, for a path that rarely changes."""

from __future__ import annotations

import signal

import pytest

from demo.command import INTERRUPTED
from local_cloud import LocalCloud
from tests.e2e.verify_command import TIMEOUT_S, by_verified, report, stacks, start
from tests.verify.target import TOOLKIT

pytestmark = pytest.mark.e2e


def test_an_interrupted_run_removes_what_it_created() -> None:
    with LocalCloud() as cloud:
        with start(cloud) as process:
            assert process.stdout is not None
            printed = ""
            for line in process.stdout:
                printed += line
                if "The stack deploys" in line:
                    assert stacks(cloud) > {TOOLKIT}
                    process.send_signal(signal.SIGINT)
            code = process.wait(TIMEOUT_S)
        assert code == INTERRUPTED, printed
        content = report()
        assert by_verified(content, True) == {"deploy", "destroy"}
        assert by_verified(content, False) == set()
        assert content["leftovers"] == []
        assert stacks(cloud) == {TOOLKIT}
