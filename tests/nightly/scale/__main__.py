# SPDX-License-Identifier: Apache-2.0
"""``python -m tests.nightly.scale``: compute and simulate, write the tables of docs/scale.md."""

from __future__ import annotations

from tests.nightly.scale.page import PAGE, computed, simulated


def main() -> None:
    """Write the page."""
    PAGE.write_text(simulated(computed(PAGE.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
