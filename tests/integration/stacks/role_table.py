# SPDX-License-Identifier: Apache-2.0
"""Writes the table of all roles into docs/security.md: ``python -m tests.integration.stacks.role_table``."""

from __future__ import annotations

import tempfile
from itertools import groupby
from pathlib import Path

from stacks.otel_solution_stack import OtelSolutionStack
from stacks.settings import Settings
from tests.integration.stacks.conftest import build_app
from tests.integration.stacks.grants import Grant, Template, grants, roles

PAGE = Path(__file__).parents[3] / "docs" / "security.md"
BEGIN = "<!-- roles: written by `python -m tests.integration.stacks.role_table` -->\n"
END = "<!-- end of roles -->\n"


def table(template: Template) -> str:
    """One block for each role: who assumes it, and a row for each set of rights."""
    granted = sorted(grants(template), key=lambda grant: (grant.role, grant.actions, grant.resources))
    assumed_by = roles(template)
    blocks = [
        f"**{role}**, assumed by {assumed_by[role]}\n\n| may | on | granted by |\n|---|---|---|\n"
        + "".join(_row(grant) for grant in dict.fromkeys(of_role))
        for role, of_role in groupby(granted, key=lambda grant: grant.role)
    ]
    return "\n".join(blocks)


def _row(grant: Grant) -> str:
    actions = "<br>".join(f"`{action}`" for action in grant.actions)
    resources = "<br>".join(f"`{resource}`" for resource in grant.resources)
    when = f"<br>when {grant.condition}" if grant.condition else ""
    return f"| {actions} | {resources}{when} | {grant.policy} |\n"


def page_with(page: str, content: str, begin: str = BEGIN) -> str:
    """The page with the table between its two marks replaced."""
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(END)
    return f"{before}{begin}\n{content}\n{END}{after}"


def main() -> None:
    """Synthesize the default stack and write its table into the page."""
    with tempfile.TemporaryDirectory() as directory:
        app = build_app(Path(directory))
        stack = OtelSolutionStack(app, "OtelSolutionStack", settings=Settings.from_context(app.node))
        template = app.synth().get_stack_by_name(stack.stack_name).template
    PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8"), table(template)), encoding="utf-8")


if __name__ == "__main__":
    main()
