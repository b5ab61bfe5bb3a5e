# SPDX-License-Identifier: Apache-2.0
"""``stateDetails`` of a failed run, in the words that users of the service report."""

from __future__ import annotations

import re

_EXCEPTION = re.compile(r"^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception)\b.*", re.MULTILINE)


def state_details(output: str, *, exit_code: int) -> str:
    r"""Return the details for what a failed script wrote.

    Examples
    --------
    >>> state_details("Traceback ...\nValueError: no rows", exit_code=1).partition("ExitCode: ")[2]
    '1. Last few exceptions: ValueError: no rows'
    """
    found = _EXCEPTION.findall(output)
    last = f" Last few exceptions: {found[-1]}" if found else ""
    return (
        "Job failed, please check complete logs in configured logging destination. "
        f"ExitCode: {exit_code}.{last}"
    )
