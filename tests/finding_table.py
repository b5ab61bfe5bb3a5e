# SPDX-License-Identifier: Apache-2.0
"""The table of kinds in docs/findings.md, which tests hold: which program has what, in which words."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_PAGE = _ROOT / "docs" / "findings.md"
_RULES = _ROOT / "glue_jobs" / "xray_common" / "findings"
# Where programs and twins run; the keys of this constant are the kinds that they are for.
SUITES = {
    "local": ("tests/spark/xray_helper/test_findings.py", "EVIDENCE"),
    "cluster": ("tests/spark/xray_helper/test_cluster.py", "KINDS"),
    "hosts": ("tests/nightly/cluster/test_slow_hosts.py", "EVIDENCE"),
    "eviction": ("tests/spark/xray_helper/test_eviction.py", "KINDS"),
    "cloud": ("tests/integration/local_cloud/test_waits.py", "KINDS"),
}
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?: (?:ms|s|min|h|B|kB|MB|GB)\b)?")


@dataclass(frozen=True)
class Row:
    """A kind: its program, what was said of it, its evidence, its twin, and the suite that runs both."""

    kind: str
    program: str
    said: str
    evidence: str
    twin: str
    suite: str


def rows() -> list[Row]:
    """Read the table."""
    found = re.findall(r'^\| <a id="(\w+)"></a>`(\w+)` \| (.+) \|$', _PAGE.read_text(), flags=re.MULTILINE)
    return [_row(anchor, kind, cells.split(" | ")) for anchor, kind, cells in found]


def _row(anchor: str, kind: str, cells: list[str]) -> Row:
    assert anchor == kind
    assert len(cells) == 5, f"the row of {kind} has {len(cells) + 1} cells"
    return Row(kind, *cells)


def kinds_of_code() -> set[str]:
    """Read from the rules which kinds there are."""
    text = "\n".join(path.read_text() for path in _RULES.glob("*.py"))
    return set(re.findall(r'(?:\bkind=|_small_files\(\s*)"(\w+)"', text))


def kinds_of_suite(suite: str) -> set[str]:
    """Read from a suite which kinds it has programs for; nothing of it is imported."""
    path, name = SUITES[suite]
    for statement in ast.parse((_ROOT / path).read_text()).body:
        targets = (
            statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        )
        value = getattr(statement, "value", None)
        if isinstance(value, ast.Dict) and name in {getattr(target, "id", "") for target in targets}:
            return {str(ast.literal_eval(key)) for key in value.keys if key is not None}
    raise AssertionError(f"{path} has no {name}")


def check_said(kind: str, title: str) -> None:
    """Compare a sentence with the table's, numbers and plurals left out; … there is any text."""
    (row,) = [row for row in rows() if row.kind == kind]
    expected = ".+".join(re.escape(_shape(part)) for part in row.said.split("…"))
    assert re.fullmatch(expected, _shape(title)), f"{title!r} is not as docs/findings.md has it: {row.said!r}"


def _shape(sentence: str) -> str:
    """Put # in the place of each number with its unit.

    Examples
    --------
    >>> _shape("1,000 tasks took 1 min 42 s; and 3 more like it")
    '# task took #'
    """
    text = _NUMBER.sub("#", re.sub(r"; and \d+ more like it$", "", sentence))
    return re.sub(r"# (\w+?)s\b", r"# \1", re.sub(r"#(?: #)+", "#", text))
