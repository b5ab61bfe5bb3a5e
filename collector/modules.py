# SPDX-License-Identifier: Apache-2.0
"""The Go modules of the collector: what its configuration names, what is locked, how old they are."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

WEEK = timedelta(days=7)
_NAMED = re.compile(r"^ *- gomod: (\S+ v\S+)", re.MULTILINE)
_REPLACED = re.compile(r"^ *- (\S+ => \S+(?: v\S+)?) *$", re.MULTILINE)


def not_locked(config: Path, go_mod: Path) -> list[str]:
    """Return the modules and replacements of a builder's configuration that a ``go.mod`` does not have."""
    text = config.read_text(encoding="utf-8")
    wanted = [*_NAMED.findall(text), *(f"replace {found}" for found in _REPLACED.findall(text))]
    locked = go_mod.read_text(encoding="utf-8").splitlines() if go_mod.exists() else []
    known = {line.partition("//")[0].strip() for line in locked}
    return [line for line in wanted if line not in known]


def younger_than_a_week(folder: Path) -> list[str]:
    """Return the modules of a Go module's build that were released in the last seven days."""
    command = ["go", "-C", str(folder), "list", "-m", "-json", "all"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return _young(listed, datetime.now(UTC))


def _young(listed: str, now: datetime) -> list[str]:
    """Find them in what ``go list -m -json`` prints: one JSON object after another."""
    taken = [module.get("Replace", module) for module in _objects(listed)]
    return [
        f"{module['Path']} {module['Version']}"
        for module in taken
        if "Time" in module and now - datetime.fromisoformat(module["Time"]) < WEEK
    ]


def _objects(text: str) -> Iterator[dict[str, Any]]:
    decoder = json.JSONDecoder()
    position = 0
    while position < len(text.rstrip()):
        found, end = decoder.raw_decode(text, position)
        yield found
        position = end + len(text[end:]) - len(text[end:].lstrip())
