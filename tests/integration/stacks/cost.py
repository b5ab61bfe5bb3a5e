# SPDX-License-Identifier: Apache-2.0
"""Writes the cost table into docs/cost.md: ``python -m tests.integration.stacks.cost``.

Quantities come from the synthesized templates, prices from ``stacks/cost.py``.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from stacks import cost
from stacks.cost import COLUMNS
from stacks.otel_solution_stack import OtelSolutionStack
from stacks.settings import Settings
from tests.integration.stacks.conftest import Synthesized, build_app

PAGE = Path(__file__).parents[3] / "docs" / "cost.md"
BEGIN = "<!-- idle: written by `python -m tests.integration.stacks.cost` -->\n"
END = "<!-- end of idle -->\n"

VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    "`customer_key=none`": {"customer_key": "none"},
    "`collector_tasks=2`": {"collector_tasks": 2},
    "`collector_capacity=on-demand`": {"collector_capacity": "on-demand"},
    "`collector_capacity=on-demand`, `collector_tasks=2`": {
        "collector_capacity": "on-demand",
        "collector_tasks": 2,
    },
    "`network=nat`": {"network": "nat"},
    "`network=nat`, `collector_capacity=on-demand`, `collector_tasks=2`": {
        "network": "nat",
        "collector_capacity": "on-demand",
        "collector_tasks": 2,
    },
    "`collector=none`": {"collector": "none"},
    "`collector=none`, `customer_key=none`": {"collector": "none", "customer_key": "none"},
}
REFERENCE = ("published reference", (65.70, 0.0, 7.30, 9.01, 0.50, 0.0, 0.0, 0.0))  # see the page


def idle(template: Synthesized) -> tuple[float, ...]:
    """What a deployment costs in a month without a single upload, by column, in US dollars."""
    return cost.idle(template.template)


def table(costs: dict[str, tuple[float, ...]]) -> str:
    """The costs of each variant as a Markdown table, and the reference's below."""
    head = f"| context | {' | '.join(COLUMNS)} | **idle a month** |\n|---|{'---:|' * (len(COLUMNS) + 1)}\n"
    rows = {**costs, REFERENCE[0]: REFERENCE[1]}
    return head + "".join(
        f"| {name} | {' | '.join(_dollars(part) for part in parts)} | **{sum(parts):.2f}** |\n"
        for name, parts in rows.items()
    )


def _dollars(amount: float) -> str:
    return f"{amount:.2f}" if amount else "–"  # noqa: RUF001 - a dash for nothing


def page_with(page: str, content: str) -> str:
    """The page with the table between its two marks replaced."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{content}\n{END}{after}"


def main() -> None:
    """Synthesize every variant and write the table into the page."""
    costs = {}
    for name, context in VARIANTS.items():
        with tempfile.TemporaryDirectory() as directory:
            app = build_app(Path(directory), **context)
            OtelSolutionStack(app, "Cost", settings=Settings.from_context(app.node))
            costs[name] = idle(Synthesized(app.synth().get_stack_by_name("Cost").template))
    PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8"), table(costs)), encoding="utf-8")


if __name__ == "__main__":
    main()
