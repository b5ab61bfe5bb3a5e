# SPDX-License-Identifier: Apache-2.0
"""Every fenced command of README and docs runs, or is checked as far as that goes without an account."""

from __future__ import annotations

import re

import pytest

from tests.integration.docs import aws_commands
from tests.integration.docs.blocks import ROOT, SHELLS, SHOWN, Block, blocks, scripts
from tests.integration.docs.shell import Shell

MAKE_TARGETS = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
CDK = {"bootstrap", "deploy", "destroy"}
# Words on the pages that stand for an id.
_IDS = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}|\bYESTERDAY\b")


@pytest.mark.parametrize("block", blocks(), ids=lambda block: f"{block.page}-{block.language}")
def test_every_block_is_of_a_kind_that_is_run_or_named(block: Block) -> None:
    assert block.language in {*SHELLS, "python", *SHOWN}


@pytest.mark.parametrize("page", scripts())
def test_the_commands_of_a_page(shell: Shell, trace_id: str, page: str) -> None:
    recorded = shell.run(_IDS.sub(trace_id, scripts()[page]))
    for program, *arguments in recorded:
        if program == "aws":
            aws_commands.check(arguments)
        elif program == "make":
            targets = [word for word in arguments if "=" not in word]
            assert set(targets) <= MAKE_TARGETS
        else:
            assert arguments[0] == "cdk"
            assert arguments[1] in CDK


@pytest.mark.parametrize(
    "command",
    [
        "stepfunctions list-executionz",
        "stepfunctions list-executions --state-machine X",
        "sqs receive-message --queue-url",
        "s3 cp a b",
    ],
)
def test_a_wrong_command_is_found(command: str) -> None:
    with pytest.raises(AssertionError):
        aws_commands.check(command.split())
