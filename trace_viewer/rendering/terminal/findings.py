# SPDX-License-Identifier: Apache-2.0
"""The worst findings of a trace, in front of its tree."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from trace_viewer.model import text
from trace_viewer.model.findings import Findings
from trace_viewer.model.names import short_name
from trace_viewer.rendering.terminal.canvas import wrap
from xray_common.findings import Finding

SHOWN = 3
STYLES = {"critical": "bold red", "warning": "yellow", "info": "cyan"}


def findings_lines(findings: Findings, *, width: int, arrow: str) -> Iterator[Text]:
    """Yield the first three findings, each with its place and its sentence; nothing where there is none."""
    for found in findings.found[:SHOWN]:
        words = _words(found, arrow)
        for index, line in enumerate(wrap(words, width - 4)):
            yield Text(f"{'    ' if index else '  '}{line}", style=STYLES[found.severity])
    more = len(findings.found) - SHOWN
    if more > 0:
        yield Text(f"  and {more:,} more: --findings F writes them, --html shows them", style="dim")


def _words(found: Finding, arrow: str) -> str:
    place = arrow.join(text.plain(short_name(name), 60) for name in found.where)
    kind = text.plain(found.kind.replace("_", " "), 60)
    cost = f" (up to {text.duration(found.seconds)})" if found.seconds else ""
    return f"{found.severity}: {kind} in {place}: {text.plain(found.title)}{cost}"
