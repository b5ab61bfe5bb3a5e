# SPDX-License-Identifier: Apache-2.0
"""What pytest wrote about one version, counted."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tests.spark.xray_helper.environment import ON_CLUSTER

_BUILD = Path(__file__).resolve().parents[3] / "build"
REPORT = _BUILD / ("matrix-on-cluster.json" if ON_CLUSTER else "matrix.json")


@dataclass
class Result:
    """One row of the table.

    Attributes
    ----------
    left_out
        What was not run: the reason, and how many tests or pipelines it concerns.
    """

    spark: str
    glue: str
    passed: int = 0
    failed: list[str] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)


def read_junit(path: Path, *, spark: str, glue: str) -> Result:
    """Count the tests in pytest's JUnit file; properties of the suite name pipelines that were left out."""
    result = Result(spark, glue)
    reasons: Counter[str] = Counter()
    tree = ElementTree.parse(path)  # noqa: S314 - written by our own pytest a moment ago
    for test in tree.iter("testcase"):
        skipped = test.find("skipped")
        if test.find("failure") is not None or test.find("error") is not None:
            result.failed.append(f"{test.get('classname')}::{test.get('name')}")
        elif skipped is not None:
            reasons[f"tests: {_without_name(skipped.get('message', ''))}"] += 1
        else:
            result.passed += 1
    for found in tree.iter("property"):
        reasons[f"pipelines: {found.get('value')}"] += 1
    result.left_out = dict(reasons)
    return result


def write(results: list[Result]) -> None:
    """Write ``build/matrix.json``."""
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps([asdict(result) for result in results], indent=1) + "\n", encoding="utf-8")


def _without_name(reason: str) -> str:
    """Drop the name of the pipeline that a test asked for, so that equal reasons are counted together."""
    name, colon, rest = reason.partition(": ")
    return rest if colon and name.isidentifier() else reason
