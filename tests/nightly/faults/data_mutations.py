# SPDX-License-Identifier: Apache-2.0
"""Any input at all: generated mutations of a small sample through the jobs' own functions."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

from tests.nightly.faults.glue_disk import environment, python
from tests.nightly.faults.report import ROOT
from tests.nightly.faults.table import Finding, Phase, expect, fault
from tests.nightly.faults.world import World

MUTANTS = 200
TIMEOUT_S = 3600


@fault(
    "data", "200 generated mutations", phase=Phase.ALONE,
    where="functions of both jobs, in one Spark session",
    expected="each is conserved to the row with the contract's types, or refused with one sentence",
)  # fmt: skip
def mutations(world: World) -> Finding:
    folder = world.work("mutants")
    command = [str(python()), "-m", "tests.nightly.faults.mutation_run", str(folder), "0", str(MUTANTS)]
    with world.spark:
        done = subprocess.run(
            command, env=environment(), cwd=ROOT, capture_output=True, text=True,
            timeout=TIMEOUT_S, check=False,
        )  # fmt: skip
    found = [json.loads(line) for line in done.stdout.splitlines()]
    expect(len(found) == MUTANTS, f"{len(found)} mutants were tried: {done.stderr[-400:]}")
    broken = [one for one in found if one["ended"] == "broken"]
    for one in broken:
        print(f"mutant {one['seed']} ({one['what']}): {one['says']}", file=sys.stderr)
    ends = Counter(one["ended"] for one in found)
    rows = sum(one.get("rows", 0) for one in found)
    expect(not broken, f"{dict(ends)}; seed {broken[0]['seed']}: {broken[0]['says']}" if broken else "")
    return Finding(f"{ends['clean']} conserved ({rows} rows), {ends['refused']} refused with a sentence")
