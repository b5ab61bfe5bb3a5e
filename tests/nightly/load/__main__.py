# SPDX-License-Identifier: Apache-2.0
"""``python -m tests.nightly.load``: measure the real collector, write ``build/bench/collector.json``."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from pathlib import Path
from typing import Any, get_args

from collector.build import binary
from tests.integration.conformance.real_collector import CONFIG, PROJECT
from tests.integration.conformance.report import versions
from tests.nightly.load.failover import Dead, failover
from tests.nightly.load.jobs import SPANS_PER_JOB
from tests.nightly.load.scenarios import XRAY_SECONDS, Bench, task_config

RESULT = PROJECT / "build" / "bench" / "collector.json"
_RUNS = {1: 100, 10: 200, 100: 300}  # jobs at once: runs in all


SPANS_PER_S = 1_000
FAILOVER_S = 20.0


def failovers(config: Path) -> list[dict[str, Any]]:
    """Kill one of two collectors, in both ways that its address can be dead."""
    text = task_config(config.read_text(encoding="utf-8"))
    return [
        failover(binary=binary(), config=text, dead=dead, spans_per_s=SPANS_PER_S, seconds=FAILOVER_S)
        for dead in get_args(Dead)
    ]


def measure(config: Path) -> dict[str, Any]:
    """Run every scenario against one configuration."""
    bench = Bench(binary=binary(), config=task_config(config.read_text(encoding="utf-8")))
    return {
        "at_once": [bench.at_once(jobs, runs=runs) for jobs, runs in _RUNS.items()],
        "xray_away": bench.xray_away(runs=200, seconds=8.0),
        "failovers": failovers(config),
        "restarts": [bench.restart("stop", runs=200), bench.restart("kill", runs=200)],
    }


def main() -> int:
    """Return 2 without a collector, 1 when one of two was killed and spans are lost that nobody counted."""
    parser = argparse.ArgumentParser(description="Measure the collector under load.")
    parser.add_argument("configs", nargs="*", type=Path, default=[CONFIG], help="default: %(default)s")
    options = parser.parse_args()
    if not binary().exists():
        print(f"There is no collector at {binary()}; run `make collector` (needs Go), then this again.")
        return 2
    configs = {config.name: measure(config) for config in options.configs}
    result = {
        "collector": versions(binary()),
        "machine": {"cpus_for_the_collector": 1, "architecture": platform.machine()},
        "assumed": {"spans_per_job": SPANS_PER_JOB, "xray_answer_ms": XRAY_SECONDS * 1000},
        "configs": configs,
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(configs, indent=2))
    print(RESULT)
    lost = sum(case["lost_spans"] for measured in configs.values() for case in measured["failovers"])
    if lost:
        print(
            f"{lost} spans that jobs counted as sent never reached X-Ray: one of two collectors was killed."
        )
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
