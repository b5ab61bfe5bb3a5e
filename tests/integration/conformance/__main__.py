# SPDX-License-Identifier: Apache-2.0
"""``make conformance``: compare, write ``build/conformance.json``, say what came out in a few lines."""

from __future__ import annotations

import sys

from collector.build import binary
from tests.integration.conformance.report import RESULT, compare_all, stale, unexplained, write


def main() -> int:
    """Return 1 when there is a difference that no one has explained, 2 without a collector."""
    if not binary().exists():
        print(f"There is no collector at {binary()}; run `make collector` (needs Go), then this again.")
        return 2
    result = compare_all(binary())
    write(result)
    total = sum(result["spans"][kind] for kind in ("named", "random"))
    for way, identical in result["identical"].items():
        print(f"{way}: {identical} of {total} spans give the same document as the collector")
        for item in result["differences"][way]:
            if item["spans"]:
                why = "kept" if item["kept_because"] else "NOT EXPLAINED"
                print(f"  {why:<13} {item['spans']:>5} spans  {item['difference']}")
    for item in result["crashes"]:
        print(f"{item['outcome']}: {item['span']}")
    left, old = unexplained(result), stale(result)
    print(f"{RESULT}: {len(left)} kinds of difference without an explanation")
    print(f"explanations that nothing needs any more: {', '.join(sorted(old)) or 'none'}")
    return 1 if left or old else 0


if __name__ == "__main__":
    sys.exit(main())
