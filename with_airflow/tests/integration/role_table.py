# SPDX-License-Identifier: Apache-2.0
"""Write the roles into docs/airflow.md: ``python -m with_airflow.tests.integration.role_table``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.integration.stacks.role_table import page_with, table
from with_airflow.tests.integration.conftest import synthesize

PAGE = Path(__file__).parents[3] / "docs" / "airflow.md"
BEGIN = "<!-- roles: written by `python -m with_airflow.tests.integration.role_table` -->\n"


def main() -> None:
    """Synthesize the stack as ``-c airflow=mwaa`` deploys it, and write its table into the page."""
    with tempfile.TemporaryDirectory() as directory:
        template = synthesize(Path(directory)).airflow.template
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page_with(page, table(template), BEGIN), encoding="utf-8")


if __name__ == "__main__":
    main()
