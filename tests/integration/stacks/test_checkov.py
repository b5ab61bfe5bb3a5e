# SPDX-License-Identifier: Apache-2.0
"""checkov on the template: what it finds is exactly what docs/security.md explains."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.integration.stacks.conftest import Synthesized
from tests.integration.stacks.grants import name

ROOT = Path(__file__).parents[3]
CHECKOV = ROOT / ".tools" / "checkov" / "bin" / "checkov"
PAGE = ROOT / "docs" / "security.md"
EXPLAINED = re.compile(r"^\| (CKV\w+) \| `(\w+)` \| (.+) \|$", re.MULTILINE)


def explained() -> dict[tuple[str, str], str]:
    """(check, resource) -> why it stays, from the table of the page."""
    return {(check, resource): why for check, resource, why in EXPLAINED.findall(PAGE.read_text())}


def failed_checks(template: Synthesized, directory: Path) -> list[tuple[str, str]]:
    """Run checkov without a network; (check, resource) of each failed one."""
    file = directory / "template.json"
    file.write_text(json.dumps(template.template))
    done = subprocess.run(
        [
            str(CHECKOV),
            *("--framework", "cloudformation", "--file", str(file), "--output", "json"),
            *("--quiet", "--compact", "--skip-download", "--soft-fail"),
        ],
        cwd=directory,
        env={"PATH": os.environ["PATH"], "HOME": str(directory)},  # no configuration of the user
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] > 100  # it saw the whole template
    return [
        (check["check_id"], name(check["resource"].rpartition(".")[2]))
        for check in report["results"]["failed_checks"]
    ]


@pytest.mark.skipif(not CHECKOV.exists(), reason="checkov is not installed: run make setup")
def test_checkov_finds_what_is_explained_and_nothing_else(default: Synthesized, tmp_path: Path) -> None:
    failed = failed_checks(default, tmp_path)
    assert len(failed) <= 10
    assert sorted(failed) == sorted(explained())


def test_every_explanation_is_more_than_a_word() -> None:
    assert explained()
    for why in explained().values():
        assert len(why.split()) > 10
