# SPDX-License-Identifier: Apache-2.0
"""The same log lines from Spark's Python workers.

A worker is another process, on another machine: it knows neither the job nor the step. The function that it
runs takes both along::

    rows.rdd.mapPartitions(with_log_fields(load)).count()
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from xray_common.scrubbing import add_pattern, added_patterns
from xray_helper.logs import correlation

if TYPE_CHECKING:
    from typing import ParamSpec  # Python 3.9 has none

    Given = ParamSpec("Given")
Result = TypeVar("Result")


def with_log_fields(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Wrap a function for ``udf``, ``mapPartitions`` or ``foreachPartition``; call this on the driver.

    What the function logs in a worker becomes a JSON line with the ids of the job and the step that wrapped
    it. Costs each call a comparison. Outside of a job with log correlation it is returned as it is.

    Examples
    --------
    >>> with_log_fields(len) is len
    True
    """
    known, driver, secrets = correlation.log_fields(), os.getpid(), added_patterns()
    if not known:
        return function

    @functools.wraps(function)
    def wrapped(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        if os.getpid() != driver:
            # For good: a generator's lines come after this call, and a worker serves no other job.
            correlation.adopt(known)
            for pattern in secrets:
                add_pattern(pattern)
        return function(*args, **kwargs)

    return wrapped
