# SPDX-License-Identifier: Apache-2.0
"""The arguments of the library that a job gets; those of the job itself win over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from glue_xray.attach.definition import Definition
from glue_xray.attach.target import SHELL

_LOGS: Final = "custom-logGroup-prefix"  # taken by Glue: the script and the library do not see it
_SHELL_LOGS: Final = "/aws-glue/python-jobs"


def library_options(name: str, definition: Definition, chosen: Mapping[str, str | None]) -> dict[str, str]:
    """Return them by name: those that were chosen, and what the library should know of the job.

    Examples
    --------
    >>> library_options("orders", {"Command": {"Name": "glueetl"}}, {"steps": "none"})
    {'traces': 'on', 'job_name': 'orders', 'steps': 'none'}
    """
    found: dict[str, Any] = {
        "traces": "on",  # a run without a trace header starts a trace of its own
        "job_name": name,
        **chosen,
        "worker_type": definition.get("WorkerType"),
        "number_of_workers": definition.get("NumberOfWorkers"),
        "max_capacity": _max_capacity(definition),
        _LOGS: _log_prefix(definition),
    }
    return {option: str(value) for option, value in found.items() if value}


def _max_capacity(definition: Definition) -> str | None:
    """Return the processing units of a Python shell job, which has no workers: ``0.0625`` or ``1``."""
    capacity = definition.get("MaxCapacity")
    return f"{capacity:g}" if capacity and _is_shell(definition) else None


def _log_prefix(definition: Definition) -> str | None:
    for member in ("NonOverridableArguments", "DefaultArguments"):
        prefix = (definition.get(member) or {}).get(f"--{_LOGS}")
        if prefix:
            return str(prefix)
    return _SHELL_LOGS if _is_shell(definition) else None


def _is_shell(definition: Definition) -> bool:
    return bool(definition["Command"].get("Name") == SHELL)
