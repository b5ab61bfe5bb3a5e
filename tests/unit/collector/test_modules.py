# SPDX-License-Identifier: Apache-2.0
"""The Go modules that are locked are those that the builder's configuration names, and none is fresh."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector import modules
from collector.build import CONFIG, BuildError, build

LOCK = CONFIG.parent / "lock"


def test_the_lock_holds_all_that_the_configuration_names() -> None:
    assert modules.not_locked(CONFIG, LOCK / "go.mod") == []
    for folder in (LOCK, LOCK / "builder"):
        required = [line for line in (folder / "go.mod").read_text().splitlines() if " v" in line]
        hashes = (folder / "go.sum").read_text()
        assert len(required) > 10
        assert "h1:" in hashes


@pytest.mark.parametrize(
    ("before", "after", "missing"),
    [
        ("otlpreceiver v0.156.0", "otlpreceiver v0.157.0", "collector/receiver/otlpreceiver v0.157.0"),
        ("=> ../cwlogs", "=> ../other", "internal/aws/cwlogs => ../other"),
    ],
)
def test_a_change_that_was_not_locked_is_refused_before_anything_is_built(
    tmp_path: Path, before: str, after: str, missing: str
) -> None:
    config = tmp_path / "builder.yaml"
    config.write_text(CONFIG.read_text().replace(before, after))
    (tmp_path / "lock").symlink_to(LOCK)
    with pytest.raises(BuildError, match="--lock") as caught:
        build(config=config, directory=tmp_path / "out")
    assert missing in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_module_of_this_week_is_found() -> None:
    listed = [
        {"Path": "own", "Main": True},
        {"Path": "a.org/old", "Version": "v1.0.0", "Time": "2026-01-01T00:00:00Z"},
        {"Path": "a.org/fresh", "Version": "v1.1.0", "Time": "2026-03-09T12:00:00Z"},
        {"Path": "a.org/x", "Version": "v1.0.0", "Time": "2026-03-09T12:00:00Z",
         "Replace": {"Path": "a.org/y", "Version": "v0.9.0", "Time": "2025-03-09T12:00:00Z"}},
    ]  # fmt: skip
    text = "\n".join(json.dumps(module, indent=1) for module in listed) + "\n"
    assert modules._young(text, datetime(2026, 3, 10, tzinfo=UTC)) == ["a.org/fresh v1.1.0"]
