# SPDX-License-Identifier: Apache-2.0
"""Every Python block of README and docs runs, in the order of the pages and with one real Spark."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.docs.blocks import ROOT, blocks
from tests.integration.docs.collecting import EXAMPLES, code_of
from tests.spark.xray_helper.conftest import spark_environment

# What a page takes for given. ORDERS and TOTALS are paths.
GIVEN = {
    "README.md": """
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
source, target = ORDERS + ".parquet", TOTALS
spark.read.csv(ORDERS, header=True).write.parquet(source)
""",
    "docs/trace-your-own-job.md": """
import sys
from pyspark.sql import SparkSession, functions as f
sys.argv[1:] = [ORDERS, TOTALS]
""",
}


def test_each_snippet_runs(tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text("customer,amount\nada,2\nbo,5\n")
    examples = {code_of(example) for example in EXAMPLES.glob("*.py")}  # each is run by a test of its own
    snippets = [
        block for block in blocks() if block.language == "python" and block.text.strip() not in examples
    ]
    assert snippets
    program = []
    for number, snippet in enumerate(snippets):
        names = {"ORDERS": str(orders), "TOTALS": str(tmp_path / f"totals-{number}")}
        code = GIVEN.get(snippet.page, "") + snippet.text
        program.append(f"exec(compile({code!r}, {snippet.page!r}, 'exec'), {names!r})")
        program.append(f"print('done', {snippet.page!r})")
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(program)],
        cwd=ROOT, env=spark_environment(), capture_output=True, text=True, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Telemetry failed" not in done.stdout + done.stderr
    told = [line for line in done.stdout.splitlines() if line.startswith("done")]
    assert told == [f"done {snippet.page}" for snippet in snippets]


@pytest.mark.parametrize("page", GIVEN)
def test_nothing_is_given_to_a_page_without_a_snippet(page: str) -> None:
    assert page in {block.page for block in blocks() if block.language == "python"}
