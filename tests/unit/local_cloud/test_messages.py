# SPDX-License-Identifier: Apache-2.0
"""What the command says begins with the command as it is typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_cloud import LocalCloudError, cli
from local_cloud.services.spark import built, own


def test_a_cloud_that_does_not_start_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: Any) -> None:
        raise LocalCloudError("no port is free")

    monkeypatch.setattr(cli, "LocalCloud", fail)

    assert cli.main(["run", "--", "true"]) == 1
    assert capsys.readouterr().err == "glue-xray local: no port is free\n"


def test_a_folder_that_cannot_be_written_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise PermissionError("/home/ada/.cache")

    monkeypatch.setattr(built, "build_file_system", fail)
    monkeypatch.delenv("SPARK_CONF_DIR", raising=False)
    own.variables(tmp_path, endpoint="http://127.0.0.1:9")

    assert capsys.readouterr().err == (
        "glue-xray local: Spark will not find the local S3: /home/ada/.cache; make it writable.\n"
    )
