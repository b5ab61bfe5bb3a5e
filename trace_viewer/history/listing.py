# SPDX-License-Identifier: Apache-2.0
"""Runs to list, each beside the usual of those before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trace_viewer.history.runs import Run
from trace_viewer.history.usual import Verdict, compare_with_usual
from trace_viewer.history.wording import sentences, short_verdict


@dataclass(frozen=True, slots=True)
class Listed:
    """A run of a list, and what it is beside its usual."""

    run: Run
    verdict: Verdict

    @property
    def note(self) -> str:
        """What is not usual: the step that took longest beyond it and why, rows rejected for new reasons."""
        return short_verdict(self.verdict)

    def to_json(self) -> dict[str, Any]:
        """Return the run as `docs/schemas/runs.schema.json` has it."""
        said = list(sentences(self.verdict)) if self.note else []
        return {**self.run.to_json(), "beyond_usual": said}


def listed(runs: Sequence[Run]) -> list[Listed]:
    """Return runs with their verdicts."""
    return [Listed(run, compare_with_usual(run, runs)) for run in runs]
