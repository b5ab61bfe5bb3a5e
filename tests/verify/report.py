# SPDX-License-Identifier: Apache-2.0
"""The report: JSON for machines, a table for the README."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.verify.checks import Result

MARKS = {True: "yes", False: "**no**", None: "–"}  # noqa: RUF001 - a dash for what was not looked at


@dataclass
class Report:
    """What a run of ``make verify`` found.

    Attributes
    ----------
    usd
        US dollars at list prices; 0 in a local cloud.
    """

    target: str
    started: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    results: list[Result] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    usd: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether no check failed, some held, and nothing is left."""
        verified = [result.verified for result in self.results]
        return True in verified and False not in verified and not self.leftovers

    def write(self, folder: Path) -> None:
        """Write ``report.json`` and ``report.md``; each is there when it is whole."""
        report = {
            "target": self.target,
            "started": self.started,
            "checks": [result.to_json() for result in self.results],
            "leftovers": self.leftovers,
            "usd": self.usd,
        }
        _replace(folder / "report.json", json.dumps(report, indent=2) + "\n")
        _replace(folder / "report.md", self.table())

    def table(self) -> str:
        """Return the results as a Markdown table."""
        head = f"Verified in the {self.target}, {self.started}:\n\n| claim | verified | observed | source |\n"
        return head + "|---|---|---|---|\n" + "".join(map(_row, self.results))

    def summary(self) -> str:
        """Return the counts as a sentence."""
        verified = [result.verified for result in self.results]
        return (
            f"{verified.count(True)} verified, {verified.count(False)} failed, "
            f"{verified.count(None)} not verifiable here; left behind: {_listed(self.leftovers)}; "
            f"{self.usd:.2f} USD"
        )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"


def _row(result: Result) -> str:
    observed = result.observed.replace("|", "\\|")
    return f"| {result.check.claim} | {MARKS[result.verified]} | {observed} | {result.check.source} |\n"


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
