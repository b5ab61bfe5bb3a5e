# SPDX-License-Identifier: Apache-2.0
"""What made a run slow, costly or lossy, told from its spans alone.

The job's library asks at the end of a job, the viewer over a whole trace; the rules are the same::

    find                                   runs the rules, drops what is not worth a sentence, sorts
    stage_tasks  stage_time  plans         the rules, one function for each kind
    job_work  job_resources  pipeline
    limits                                 every threshold, with its source
    finding  span  load  words             what goes in, what comes out, how numbers are printed

A rule that lacks a number, or doubts it, says nothing. docs/findings.md shows every kind.
"""

from xray_common.findings.find import count_checks, find
from xray_common.findings.finding import Finding
from xray_common.findings.limits import LIMITS, Limits
from xray_common.findings.span import Span

__all__ = ["LIMITS", "Finding", "Limits", "Span", "count_checks", "find"]
