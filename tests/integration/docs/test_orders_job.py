# SPDX-License-Identifier: Apache-2.0
"""The example of docs/trace-your-own-job.md, run as it stands, traced and untraced."""

from __future__ import annotations

from tests.integration.docs.collecting import EXAMPLES, PAGE
from tests.integration.docs.programs import Programs

JOB = EXAMPLES / "orders_job.py"


def _totals(programs: Programs, target: str) -> dict[object, object]:
    return {row["customer"]: row["total"] for row in programs.rows(target)}


def test_traced_it_sends_its_steps_and_what_spark_did(programs: Programs) -> None:
    assert _totals(programs, "traced") == {"ada": 5.0, "bo": 5.0}

    assert {"orders", "Read", "Total by customer", "Write"} <= set(programs.orders.spans)
    assert any("stage" in name for name in programs.orders.spans)
    assert programs.orders.outcomes == {"Read": "executed", "Total by customer": "executed"}


def test_untraced_it_does_the_same_work(programs: Programs) -> None:
    assert _totals(programs, "untraced") == {"ada": 5.0, "bo": 5.0}
    assert programs.orders.spans.count("orders") == 1  # the traced one's


def test_the_page_shows_the_file() -> None:
    text = JOB.read_text()
    shown = PAGE.read_text().split("```python\n")[1].split("```")[0]
    first, rest = shown.split("\n", 1)
    assert first in text
    assert rest.strip() in text


def test_tracing_adds_five_lines() -> None:
    assert sum("# added" in line for line in JOB.read_text().splitlines()) == 5
