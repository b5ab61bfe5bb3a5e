# SPDX-License-Identifier: Apache-2.0
"""A DAG run's id as others can take it: as a part of a path, and as the value of a job's argument.

Whoever triggers a run may choose its id, and Airflow lets it begin with ``-``, ``_`` or ``.``.
"""

from __future__ import annotations

import hashlib
import re

_DIGEST_DIGITS = 8
_UNSAFE = re.compile(r"[^A-Za-z0-9_.=-]")
_FIRST = re.compile(r"[A-Za-z0-9]")
_HAS_DIGEST = re.compile(rf".*-[0-9a-f]{{{_DIGEST_DIGITS}}}", re.DOTALL)


def path_safe(run_id: str) -> str:
    """Return a folder name that is unique for each run id; it holds no ``:`` and ``+``, which Hadoop refuses.

    An id that looks like the name of another one's folder gets a digest, too.

    Examples
    --------
    >>> path_safe("manual__2026-11-21T00:00:00+00:00")
    'manual__2026-11-21T00-00-00-00-00-c755f222'
    >>> path_safe("nightly-7")
    'nightly-7'
    >>> path_safe("-h")
    'run-h-05dc0e47'
    """
    safe = _UNSAFE.sub("-", run_id)
    if not _FIRST.match(safe):
        safe = f"run{safe}"
    if safe == run_id and not _HAS_DIGEST.fullmatch(run_id):
        return run_id
    return f"{safe}-{hashlib.sha256(run_id.encode()).hexdigest()[:_DIGEST_DIGITS]}"


def correlation_id(run_id: str) -> str:
    """Return the run's id as its jobs carry it: as it is, unless a program could take it for an option.

    Examples
    --------
    >>> correlation_id("manual__2026-11-21T00:00:00+00:00"), correlation_id("--traces=off")
    ('manual__2026-11-21T00:00:00+00:00', 'run--traces=off-46a3bb3f')
    """
    return run_id if _FIRST.match(run_id) else path_safe(run_id)
