# SPDX-License-Identifier: Apache-2.0
"""What was found: ``build/faults.json`` and the table in ``docs/faults.md``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.nightly.faults.table import FAULTS

ROOT = Path(__file__).resolve().parents[3]
JSON = ROOT / "build" / "faults.json"
PAGE = ROOT / "docs" / "faults.md"
BEGIN, END = "<!-- table: made by `make faults` -->\n", "<!-- end of the table -->\n"
NOT_MET = "NOT AS EXPECTED: "
Row = dict[str, Any]


def merge(earlier: Iterable[Row], rows: Iterable[Row]) -> list[Row]:
    """The rows in the table's order; a newer one replaces an earlier one."""
    known = {row["fault"]: row for row in (*earlier, *rows)}
    return [known[fault.title] for fault in FAULTS if fault.title in known]


def write(rows: list[Row]) -> None:
    """Write both files."""
    JSON.parent.mkdir(parents=True, exist_ok=True)
    JSON.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else f"{BEGIN}{END}"
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}{_table(rows)}{END}{after}", encoding="utf-8")


def summary(rows: list[Row]) -> str:
    """One line for the end of the run and the top of the table."""
    unmet = sum(row["observed"].startswith(NOT_MET) for row in rows)
    lost = sum(row["rows_lost"] or 0 for row in rows)
    silent = sum((row["spans_lost"] or 0) - (row["spans_lost_counted"] or 0) for row in rows)
    return (
        f"{len(rows)} faults, {unmet} not as expected, {lost} rows lost, {silent} spans lost without a count"
    )


def _table(rows: list[Row]) -> str:
    head = ("Fault", "Injected into", "Expected", "Observed", "Rows lost", "Spans lost (counted)")
    lines = [f"{summary(rows)}.", "", _line(head), _line("---" for _ in head)]
    for row in rows:
        spans = f"{_number(row['spans_lost'])} ({_number(row['spans_lost_counted'])})"
        texts = (
            row["fault"],
            row["where"],
            row["expected"],
            row["observed"],
            _number(row["rows_lost"]),
            spans,
        )
        lines.append(_line(map(_cell, texts)))
    return "\n".join(lines) + "\n"


def _number(value: int | None) -> str:
    return "unknown" if value is None else str(value)


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
    return escaped.replace("*", "\\*").replace("_", "\\_").replace("`", "\\`")


def earlier() -> list[Row]:
    """The rows of the runs before."""
    if not JSON.exists():
        return []
    rows: list[Row] = json.loads(JSON.read_text(encoding="utf-8"))
    return rows
