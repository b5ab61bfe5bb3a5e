# SPDX-License-Identifier: Apache-2.0
"""A DAG run's id as a part of a path: it holds ``:`` and ``+``, which no Hadoop path may have."""

from __future__ import annotations

import hashlib
import re

_UNSAFE = re.compile(r"[^A-Za-z0-9_.=-]")
_DIGEST_DIGITS = 8


def path_safe(run_id: str) -> str:
    """Return a folder name that is unique for each run id.

    Examples
    --------
    >>> path_safe("manual__2026-11-21T00:00:00+00:00")
    'manual__2026-11-21T00-00-00-00-00-c755f222'
    >>> path_safe("nightly-7")
    'nightly-7'
    """
    safe = _UNSAFE.sub("-", run_id)
    if safe == run_id:
        return run_id
    return f"{safe}-{hashlib.sha256(run_id.encode()).hexdigest()[:_DIGEST_DIGITS]}"
