# SPDX-License-Identifier: Apache-2.0
"""Which AWS console shows what a trace names."""

from __future__ import annotations

import re

from trace_viewer.model.tree import Tree

_ARN = re.compile(r"arn:(aws[a-z-]*):[a-z0-9-]+:([a-z]{2}(?:-[a-z]+)+-\d):\d{12}:")
_DOMAINS = {"aws": "console.aws.amazon.com", "aws-cn": "console.amazonaws.cn"}


def console_of(tree: Tree) -> str:
    """Return the console's address, from the first ARN of a segment; empty where there is none.

    Example
    -------
    >>> from trace_viewer.model.tree import build
    >>> arn = "arn:aws:lambda:eu-west-1:123456789012:function:f"
    >>> console_of(build([{"id": "1", "start_time": 1, "resource_arn": arn}]))
    'https://eu-west-1.console.aws.amazon.com'
    """
    for node in tree.segments:
        for value in (node.details.get("resource_arn"), node.aws.get("execution_arn")):
            found = _ARN.match(str(value))
            if found and (domain := _DOMAINS.get(found[1])):
                return f"https://{found[2]}.{domain}"
    return ""
