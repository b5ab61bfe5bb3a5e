# SPDX-License-Identifier: Apache-2.0
"""docs/scale.md and the places of its tables."""

from __future__ import annotations

from pathlib import Path

from tests.nightly.scale import tables
from tests.nightly.scale.cases import SIMULATED
from tests.nightly.scale.uploads import simulate

PAGE = Path(__file__).parents[3] / "docs" / "scale.md"
COMPUTED = {
    "limits": tables.order,
    "settings": tables.settings,
    "hour": tables.hour,
    "figures": tables.figures,
    "quotas": tables.quotas,
}


def computed(page: str) -> str:
    """Return the page with the tables that follow from quotas and figures."""
    for name, table in COMPUTED.items():
        page = replaced(page, name, table())
    return page


def simulated(page: str) -> str:
    """Return the page with the table of simulations, which takes seconds for each row."""
    outcomes = {name: simulate(deployment, uploads) for name, (deployment, uploads) in SIMULATED.items()}
    return replaced(page, "simulated", tables.simulated(outcomes))


def replaced(page: str, name: str, content: str) -> str:
    """Return the page with one table replaced between its marks.

    Raises
    ------
    ValueError
        The page has no such marks.
    """
    begin, end = f"<!-- {name}: written by `make scale` -->\n", f"<!-- end of {name} -->\n"
    if begin not in page or end not in page:
        raise ValueError(f"docs/scale.md has no marks of {name}: add {begin.strip()} and {end.strip()}.")
    before, _, rest = page.partition(begin)
    after = rest.partition(end)[2]
    return f"{before}{begin}\n{content}\n{end}{after}"
