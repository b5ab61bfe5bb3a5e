# SPDX-License-Identifier: Apache-2.0
"""The comparison as a whole, and what is written about it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan

from tests.integration.conformance.cases import named_cases
from tests.integration.conformance.compare import NORMALISED, Difference, differences
from tests.integration.conformance.crash_cases import crashes
from tests.integration.conformance.known import KEPT, explain
from tests.integration.conformance.random_spans import COUNT, SEED, random_spans
from tests.integration.conformance.real_collector import PROJECT
from tests.integration.conformance.run import (
    Documents,
    directly,
    span_id_of,
    through_collector,
    through_receiver,
)

RESULT = PROJECT / "build" / "conformance.json"
_EXAMPLES = 3  # of each kind of difference

Found = tuple[str, ReadableSpan, Difference]


def compare_all(collector: Path) -> dict[str, Any]:
    """Send every span through the collector and through our ways, and return the comparison."""
    named, chance = dict(named_cases()), dict(random_spans())
    spans = {**named, **chance}
    real, _ = through_collector(list(spans.values()), collector)
    ways = {"direct": directly(list(spans.values())), "receiver": through_receiver(list(spans.values()))}
    found = {way: _differences(spans, real, ours) for way, ours in ways.items()}
    return {
        "collector": versions(collector),
        "spans": {"named": len(named), "random": COUNT, "seed": SEED},
        "documents": sum(map(len, real.values())),
        "dropped_by_collector": [name for name, span in spans.items() if not real[span_id_of(span)]],
        "identical": {way: len(spans) - len({name for name, *_ in items}) for way, items in found.items()},
        "normalised": NORMALISED,
        "differences": {way: _told(items) for way, items in found.items()},
        "crashes": crashes(collector),
    }


def unexplained(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the differences that no one has explained."""
    return [item for items in result["differences"].values() for item in items if not item["kept_because"]]


def stale(result: Mapping[str, Any]) -> set[str]:
    """Name the explanations that no span needs any more."""
    found = [item for items in result["differences"].values() for item in items]
    return {known.name for known in KEPT} - {item["difference"] for item in found if item["spans"]}


def write(result: Mapping[str, Any]) -> None:
    """Write ``build/conformance.json``."""
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def versions(collector: Path) -> dict[str, Any]:
    """Name the modules that the binary was built from, as far as they matter here."""
    listed = subprocess.run([str(collector), "components"], capture_output=True, text=True, check=True).stdout
    modules = sorted({line.split("module: ")[1] for line in listed.splitlines() if "module: " in line})
    replaced = _replaced(collector.parent / "go.mod")
    return {"modules": modules, "built_with_replacements": replaced}


def _replaced(go_mod: Path) -> list[str]:
    """Name modules that other versions replace: such a collector is not quite the one of the image."""
    lines = go_mod.read_text(encoding="utf-8").splitlines() if go_mod.exists() else []
    return [line.removeprefix("replace ").strip() for line in lines if "=>" in line]


def _differences(spans: Mapping[str, ReadableSpan], real: Documents, ours: Documents) -> list[Found]:
    found = []
    for name, span in spans.items():
        identifier = span_id_of(span)
        # Of the two documents of a local root, the one with the span's own id.
        left, right = real[identifier][:1], ours[identifier][:1]
        for difference in differences(left[0] if left else None, right[0] if right else None):
            found.append((name, span, difference))
    return found


def _told(found: list[Found]) -> list[dict[str, Any]]:
    kinds: dict[str, list[Found]] = {known.name: [] for known in KEPT}
    for name, span, difference in found:
        known = explain(span, difference)
        kinds.setdefault(known.name if known else f"? {difference.path}", []).append((name, span, difference))
    reasons = {known.name: known.reason for known in KEPT}
    return [_kind(kind, reasons.get(kind, ""), items) for kind, items in kinds.items()]


def _kind(kind: str, reason: str, items: list[Found]) -> dict[str, Any]:
    return {
        "difference": kind,
        "kept_because": reason,
        "fields": len(items),
        "spans": len({name for name, *_ in items}),
        "examples": [
            {"span": name, "path": told.path, "collector": _short(told.collector), "ours": _short(told.ours)}
            for name, _, told in items[:_EXAMPLES]
        ],
    }


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:200] + "…"
