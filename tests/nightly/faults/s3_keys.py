# SPDX-License-Identifier: Apache-2.0
"""Keys as people make them."""

from __future__ import annotations

from tests.nightly.faults import checks
from tests.nightly.faults.pipeline import run_file, standard_file
from tests.nightly.faults.table import Finding, fault
from tests.nightly.faults.world import World

WHERE = "S3 -> deployed function, state machine and jobs"
EXPECTED = "one execution, one whole trace, every row in the folder of exactly this key"

KEYS = {
    "blanks": "my  listings of may .csv",
    "plus": "a+b + c++.csv",
    "percent": "100% of %41 and %2F.csv",
    "quotes": 'it\'s a "quoted" `name`.csv',
    "Unicode": "Zürich/日本語 🏠 e\u0301.csv",
    "glob characters": "a[1]{b,c}*?.csv",
    "equals and commas": "year=2024/a=b,c=d;e&f.csv",
}


def _add(name: str, key: str) -> None:
    @fault("s3", f"key with {name}", where=WHERE, expected=EXPECTED)
    def check(world: World) -> Finding:
        run = run_file(world, key, standard_file(world, f"key-{list(KEYS).index(name)}"))
        return checks.succeeded(world, run)


for _name, _key in KEYS.items():
    _add(_name, _key)

LONG = "/".join(["0123456789" * 9] * 10) + "/" + "n" * 80 + ".csv"  # 1,000 characters with input/


@fault(
    "s3", "key of 1,000 characters", where="S3 -> deployed function",
    expected="no execution, one line in the function's log that names the object and what is too long",
)  # fmt: skip
def long_key(world: World) -> Finding:
    return checks.starts_nothing(world, LONG, says="726 bytes")
