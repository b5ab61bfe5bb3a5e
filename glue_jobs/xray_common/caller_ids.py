# SPDX-License-Identifier: Apache-2.0
"""The ids that callers give to their runs: Airflow's run ids, UUIDs, trace ids, names of executions."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 128  # characters
ALLOWED: Final = f"1 to {LONGEST} of 0-9A-Za-z._:+@=-, the first a letter or a digit"
_ID: Final = re.compile(rf"[0-9A-Za-z][0-9A-Za-z._:+@=-]{{0,{LONGEST - 1}}}")


def is_caller_id(text: str) -> bool:
    """Return whether a text is an id: nothing that a search, a path or a command line would read otherwise.

    Examples
    --------
    >>> is_caller_id("manual__2026-11-21T00:00:00+00:00"), is_caller_id("-h"), is_caller_id("two words")
    (True, False, False)
    """
    return _ID.fullmatch(text) is not None
