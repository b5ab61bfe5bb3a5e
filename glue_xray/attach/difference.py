# SPDX-License-Identifier: Apache-2.0
"""The difference between two definitions, line by line."""

from __future__ import annotations

import difflib
import json

from glue_xray.attach.definition import Definition


def difference(name: str, before: Definition, after: Definition, *, state: str) -> str:
    """Return a unified diff of two definitions as JSON; ``state`` names the second: "attached"."""
    lines = difflib.unified_diff(_lines(before), _lines(after), fromfile=name, tofile=f"{name}, {state}")
    return "".join(lines)


def _lines(definition: Definition) -> list[str]:
    text = json.dumps(definition, indent=2, sort_keys=True, default=str)
    return [f"{line}\n" for line in text.splitlines()]
