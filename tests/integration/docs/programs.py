# SPDX-License-Identifier: Apache-2.0
"""The Spark programs of README and docs, one after the other in one process: one JVM starts."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.dataset as ds

from tests.integration.docs.blocks import ROOT, Block, blocks
from tests.integration.docs.collecting import EXAMPLES, Receiver, code_of, example_environment

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
TIMEOUT_S = 300


def snippets() -> list[Block]:
    """Return the Python blocks that are no examples."""
    examples = {code_of(example) for example in EXAMPLES.glob("*.py")}
    return [block for block in blocks() if block.language == "python" and block.text.strip() not in examples]


@dataclass
class Programs:
    """The programs to run, what they printed and what they sent."""

    folder: Path
    orders: Receiver
    functions: Receiver
    printed: str = ""
    code: list[str] = field(default_factory=lambda: ["import runpy, sys"])

    def add_example(self, name: str, target: str, *arguments: str) -> None:
        """Add an example as it stands, with its source, its target and further arguments."""
        given = [str(self._source()), str(self.folder / target), *arguments]
        self.code.append(f"sys.argv[1:] = {given!r}")
        self.code.append(f"runpy.run_path({str(EXAMPLES / name)!r}, run_name='__main__')")

    def add_snippet(self, number: int, snippet: Block) -> None:
        """Add a block of a page behind what the page takes for given."""
        names = {"ORDERS": str(self._source()), "TOTALS": str(self.folder / f"totals-{number}")}
        code = GIVEN.get(snippet.page, "") + snippet.text
        self.code.append(f"exec(compile({code!r}, {snippet.page!r}, 'exec'), {names!r})")
        self.code.append(f"print('done', {snippet.page!r})")

    def run(self) -> None:
        """Run all of them with nothing but what an example says it needs."""
        done = subprocess.run(
            [sys.executable, "-c", "\n".join(self.code)],
            cwd=ROOT, env=example_environment(), capture_output=True, text=True, timeout=TIMEOUT_S,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "Telemetry failed" not in done.stdout + done.stderr
        self.printed = done.stdout

    def rows(self, target: str) -> list[dict[str, object]]:
        """Read what an example has written."""
        found: list[dict[str, object]] = (
            ds.dataset(self.folder / target, format="parquet").to_table().to_pylist()
        )
        return found

    def _source(self) -> Path:
        orders = self.folder / "orders.csv"
        orders.write_text("customer,amount\nada,2\nbo,5\nada,3\n")
        return orders


def run_programs(folder: Path, orders: Receiver, functions: Receiver) -> Programs:
    """Run the examples and the snippets; the first one finds a fresh process, as a user's does."""
    programs = Programs(folder, orders, functions)
    programs.add_example("orders_job.py", "traced", "--otlp_endpoint", orders.url)
    programs.add_example("orders_job.py", "untraced")
    programs.add_example("functions_job.py", "euro", "--otlp_endpoint", functions.url)
    for number, snippet in enumerate(snippets()):
        programs.add_snippet(number, snippet)
    programs.run()
    return programs
