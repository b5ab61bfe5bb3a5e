# SPDX-License-Identifier: Apache-2.0
"""Where the AWS console shows what a trace names: the execution, the log groups, the trace itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from trace_viewer.model.document import Node
from trace_viewer.model.text import plain
from trace_viewer.model.tree import Tree

Link = tuple[str, str]
"""What it leads to, and the address."""

_ARN = re.compile(r"arn:(aws[a-z-]*):[a-z0-9-]+:([a-z]{2}(?:-[a-z]+)+-\d):\d{12}:")
_DOMAINS = {"aws": "console.aws.amazon.com", "aws-cn": "console.amazonaws.cn"}


def region_of(tree: Tree) -> str:
    """Return the console's host and region, from the first ARN of a trace; empty where there is none.

    Example
    -------
    >>> from trace_viewer.model.tree import build
    >>> arn = "arn:aws:lambda:eu-west-1:123456789012:function:f"
    >>> region_of(build([{"id": "1", "start_time": 1, "resource_arn": arn}]))
    'https://eu-west-1.console.aws.amazon.com'
    """
    for node in tree.segments:
        for value in (node.details.get("resource_arn"), node.aws.get("execution_arn")):
            found = _ARN.match(str(value))
            if found and (domain := _DOMAINS.get(found[1])):
                return f"https://{found[2]}.{domain}"
    return ""


def links(node: Node, console: str, trace_id: str) -> list[Link]:
    """Return the pages of the console for a row; those of the trace for the first one."""
    return list(_links(node, console, trace_id)) if console else []


def _links(node: Node, console: str, trace_id: str) -> Iterator[Link]:
    region = console.removeprefix("https://").partition(".")[0]
    if node.parent is None and trace_id:
        yield (
            "X-Ray trace",
            f"{console}/cloudwatch/home?region={region}#xray:traces/{quote(trace_id, safe='')}",
        )
    execution = str(node.aws.get("execution_arn") or "")
    if execution:
        arn = quote(execution, safe=":")
        yield "execution", f"{console}/states/home?region={region}#/v2/executions/details/{arn}"
    for group in dict.fromkeys(node.log_groups):
        name = quote(quote(group, safe=""), safe="").replace("%", "$")
        address = f"{console}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{name}"
        yield f"log group {plain(group, 120)}", address
