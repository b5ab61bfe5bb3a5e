# SPDX-License-Identifier: Apache-2.0
"""The cold benchmark's result as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.nightly.benchmarks.differences import Difference
from tests.nightly.benchmarks.reaper import Taken

_WORTH_A_LINE_S: Final = 0.03


def table(result: Mapping[str, Any]) -> Iterator[str]:
    """Write the result as Markdown: the differences first, then where the time of a traced job goes."""
    made_by = {"c1": "JVM: class archive, first compiler only, library from its zip", "plain": "JVM: plain"}
    yield f"{made_by[result['jvm']]}, {result['rounds']} rounds"
    yield ""
    yield "| job, rows | mode | CPU | wall | peak memory | calls to the JVM | classes loaded |"
    yield "|---|---|---|---|---|---|---|"
    for size in result["sizes"]:
        for job, found in size["jobs"].items():
            yield from _rows(f"{job}, {size['rows']:,}", found)
    yield ""
    for size in result["sizes"]:
        for job, found in size["jobs"].items():
            yield f"{job}, {size['rows']:,} rows, traced:"
            yield from _phases(found["counted"].get("traced", {}).get("phases", {}))
            yield from _threads(found["counted"])


def _rows(label: str, found: Mapping[str, Any]) -> Iterator[str]:
    base, counted = found["median"], found["counted"]
    for mode in counted:
        numbers = f"{counted[mode]['jvm_calls']:,} | {counted[mode]['classes']:,}"
        if mode == "untraced" and base:
            sizes = f"{base['cpu_s']:.1f} s | {base['wall_s']:.1f} s | {base['peak_mb']:.0f} MB"
        elif mode in found["difference"]:
            cpu, wall, peak = (found["difference"][mode][field] for field in Taken._fields)
            sizes = f"{_shown(cpu, 2)} s | {_shown(wall, 2)} s | {_shown(peak, 0)} MB"
        else:
            sizes = "| |"
        yield f"| {label} | {mode} | {sizes} | {numbers} |"


def _shown(found: Difference, digits: int) -> str:
    low, median, high = (f"{value:+.{digits}f}" for value in (found.low, found.median, found.high))
    return f"**{median}** ({low} to {high})"


def _phases(phases: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    for name, phase in sorted(phases.items(), key=lambda item: -item[1]["ms"]):
        yield f"- {name}: {phase['ms']:.0f} ms, {phase['cpu_ms']:.0f} of CPU, {phase['jvm_calls']} calls"


def _threads(counted: Mapping[str, Any]) -> Iterator[str]:
    """List the threads that have worked more, or less, in a traced job."""
    base, traced = (counted.get(mode, {}).get("threads", {}) for mode in ("untraced", "traced"))
    more = {name: traced.get(name, 0.0) - base.get(name, 0.0) for name in {*base, *traced}}
    for name, seconds in sorted(more.items(), key=lambda item: -abs(item[1])):
        if base and abs(seconds) >= _WORTH_A_LINE_S:
            yield f"- {name}: {seconds:+.2f} s of CPU to the untraced job's {base.get(name, 0.0):.2f}"
