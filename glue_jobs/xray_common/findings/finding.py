# SPDX-License-Identifier: Apache-2.0
"""What is said, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from xray_common.findings.span import Span

INFO: Final = "info"
WARNING: Final = "warning"
CRITICAL: Final = "critical"
SEVERITIES: Final = (CRITICAL, WARNING, INFO)  # worst first
# Before all that is weighed in seconds: wrong results, then what makes tasks slow, wait and run again.
_FIRST: Final = ("lost_rows", "rejected_rows", "lost_executors")


@dataclass(frozen=True)
class Finding:
    """One sentence and its evidence.

    Parameters
    ----------
    kind
        Such as ``skew``; an anchor of docs/findings.md.
    title
        The sentence, with its numbers.
    span
        Where it is to be seen.
    evidence
        Measured numbers, their unit in the name, as Spark or the job recorded them.
    advice
        What to try.
    seconds
        What it cost at most, seconds of wall time; None where nobody can tell.
    severity
        ``info``, ``warning`` or ``critical``.
    usd
        What these seconds cost at most; None where the price of the job is not known.
    critical_s
        Seconds on the critical path, where they are not those of ``span``.
    is_billed
        Whether these seconds are the job's own: Glue bills none before its start.
    """

    kind: str
    title: str
    span: Span
    evidence: Mapping[str, Any]
    advice: str
    seconds: float | None = None
    severity: str = WARNING
    usd: float | None = None
    critical_s: float | None = None
    is_billed: bool = True

    @property
    def on_path_s(self) -> float | None:
        """Seconds on the critical path of what could be saved: of the span, unless it is elsewhere."""
        return self.span.critical_s if self.critical_s is None else self.critical_s

    @property
    def where(self) -> list[str]:
        """The job, the steps and the stage."""
        return self.span.path()

    @property
    def docs(self) -> str:
        """Where the kind is explained."""
        return f"docs/findings.md#{self.kind}"

    @property
    def rank(self) -> tuple[int, int, float, str]:
        """Sorts the worst first: by severity, causes before their effects, then by seconds."""
        order = _FIRST.index(self.kind) if self.kind in _FIRST else len(_FIRST)
        return SEVERITIES.index(self.severity), order, -(self.seconds or 0.0), self.kind

    def to_json(self) -> dict[str, Any]:
        """Return JSON types only; the shape is in docs/findings.md."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "title": self.title,
            "where": self.where,
            "span_id": self.span.id,
            "evidence": dict(self.evidence),
            "seconds": None if self.seconds is None else round(self.seconds, 3),
            "usd": None if self.usd is None else round(self.usd, 6),
            "advice": self.advice,
            "docs": self.docs,
        }
