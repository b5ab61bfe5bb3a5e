# SPDX-License-Identifier: Apache-2.0
"""Arguments that join a job to the task that starts it: templates, which each try renders anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from traced_dag.run_ids import correlation_id, path_safe
from traced_dag.trace_context import trace_header

#: For ``user_defined_macros`` of the DAG.
MACROS: dict[str, Callable[..., Any]] = {
    "trace_header": trace_header,
    "path_safe": path_safe,
    "correlation_id": correlation_id,
}

#: For ``script_args`` of a Glue job with ``xray_helper``. ``caller`` is what finds the lines of one task.
TRACE_ARGUMENTS: dict[str, str] = {
    "--trace_header": "{{ trace_header(ti, dag_run) }}",
    "--correlation_id": "{{ correlation_id(run_id) }}",
    "--run_id": "{{ path_safe(run_id) }}",
    "--caller": "{{ dag.dag_id }}.{{ task.task_id }} {{ run_id }}",
    # Without Step Functions a trace may have 500 KB, not 100: room for four jobs
    "--share_bytes": "120000",
}


def argument_list(arguments: Mapping[str, str]) -> list[str]:
    """Return arguments as the list that spark-submit passes on, for ``entryPointArguments``.

    Name and value are one word: no parser takes a value that begins with ``-`` for an option.

    Examples
    --------
    >>> argument_list({"--day": "-7"})
    ['--day=-7']
    """
    return [f"{name}={value}" for name, value in arguments.items()]
