# SPDX-License-Identifier: Apache-2.0
"""The characters of a drawn trace, and the styles of what became of a node."""

from __future__ import annotations

FAILED, RUNNING, OK = "✗", "…", "✓"
TEE, CORNER, PIPE = "├ ", "└ ", "│ "
BAR, CRITICAL = "─", "━"
ARROW, FLOW = " › ", " → "  # noqa: RUF001 meant
STYLES = {
    "fault": "bold red",
    "throttle": "bold yellow",
    "error": "bold yellow",
    "running": "cyan",
    "unknown": "dim",
    "ok": "",
}
