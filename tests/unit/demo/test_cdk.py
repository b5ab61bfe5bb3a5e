# SPDX-License-Identifier: Apache-2.0
"""The CDK CLI of the demonstration leaves no temporary files, whether it works or fails."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from demo import cdk
from demo.errors import DemoError

CLI = """#!/bin/sh
echo "$1 leaves a file in $TMPDIR"
mktemp -d "$TMPDIR/cdk-custom-resource.XXXXXX" > /dev/null
test "$1" != destroy
"""


@pytest.fixture
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> cdk.Application:
    """A CLI that leaves temporary files, as the real one does, and cannot destroy anything."""
    binary = tmp_path / "cdk"
    binary.write_text(CLI)
    binary.chmod(0o755)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(cdk, "CDK_CLI", binary)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)  # what Python remembers of it
    return cdk.Application(output=tmp_path / "build", assembly=tmp_path / "cdk.out")


def test_nothing_stays_in_a_temporary_folder(application: cdk.Application, tmp_path: Path) -> None:
    lines: list[str] = []
    application.prepare("aws://000000000000/us-east-1", lines.append)
    with pytest.raises(DemoError, match="cdk destroy failed with exit code 1"):
        application.destroy(lines.append)
    assert sorted(line.split()[0] for line in lines) == ["bootstrap", "destroy", "synth"]
    assert list((tmp_path / "tmp").iterdir()) == []
    assert list((tmp_path / "build").iterdir()) == [application.log]
