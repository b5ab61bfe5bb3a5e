# SPDX-License-Identifier: Apache-2.0
"""Known vulnerabilities of the Go modules that the collector of the tests is built from, asked of osv.dev.

AWS runs its own image (glue_tracing/collector/image.py), which no list of ours can audit.
"""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

LOCKS = ("collector/lock/go.mod", "collector/lock/builder/go.mod")
OSV = "https://api.osv.dev/v1/querybatch"  # https://google.github.io/osv.dev/post-v1-querybatch/
TIMEOUT_S = 20.0
_REQUIRED = re.compile(r"^(?:require)?\s+(\S+) v(\S+)", re.MULTILINE)
_REPLACED = re.compile(r"^replace (\S+) => (\S+)(?: v(\S+))?", re.MULTILINE)


def modules(go_mod: str) -> dict[str, str]:
    """Module -> version of all that a ``go.mod`` takes from the module proxy.

    Examples
    --------
    >>> modules("require (\\n\\ta.org/x v1.0.0\\n\\ta.org/y v1.2.0\\n)\\nreplace a.org/y => ../y\\n")
    {'a.org/x': '1.0.0'}
    """
    found = dict(_REQUIRED.findall(go_mod))
    for name, instead, version in _REPLACED.findall(go_mod):
        found.pop(name, None)
        if version:
            found[instead] = version
    return found


def vulnerabilities(root: Path) -> list[str]:
    """One line for each known vulnerability.

    Raises
    ------
    OSError
        osv.dev did not answer.
    """
    asked = [
        (lock, name, version)
        for lock in LOCKS
        for name, version in modules((root / lock).read_text(encoding="utf-8")).items()
    ]
    queries = [
        {"package": {"ecosystem": "Go", "name": name}, "version": version} for _, name, version in asked
    ]
    request = urllib.request.Request(OSV, data=json.dumps({"queries": queries}).encode())
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - https
        results: list[dict[str, Any]] = json.load(answer)["results"]
    return [
        f"{lock}: {name} {version}: {found['id']}"
        for (lock, name, version), result in zip(asked, results, strict=True)
        for found in result.get("vulns", [])
    ]
