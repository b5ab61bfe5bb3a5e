# SPDX-License-Identifier: Apache-2.0
"""Where a traced job's time goes: the library's own functions, timed from outside, and calls to the JVM.

``python -m tests.nightly.benchmarks.phases FILE (SCRIPT | -m MODULE) ARGUMENTS ...`` runs a program as Python
would and writes a JSON object: ``jvm_calls``, and by phase ``ms``, ``cpu_ms`` (of this Python's thread),
``jvm_calls``. A phase within another one counts for itself alone. ``threads``: seconds of processor time that
those of the JVM, and Python, have taken until then.
"""

from __future__ import annotations

import functools
import json
import os
import runpy
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import wrapt

from tests.nightly.benchmarks.jvm_threads import jvm_of, seconds_by_thread

#: By module: the function, and the phase that it is. Phases with "beside" are no part of the job's thread.
_PHASES: Final = {
    "xray_helper.job": {"Job._start_session": "imports"},
    "xray_helper.session": {
        "Session.__init__": "session",
        "load_observer": "imports of the Spark part",
        "Session._annotate_worst": "findings",
        "Session._select": "choosing what fits",
        "deliver": "export",
        "say": "export",
    },
    "xray_helper.export.checkpoints": {
        "CheckpointReporter.stop": "waiting at the end",
        "warm_up": "beside: imports of the export",
        "send_to_xray": "beside: job in progress",
    },
    "xray_helper.spark.session.connection": {
        "Connection.__init__": "connection",
        "Connection.collect": "reading the store",
        "Connection.close": "reading the store",
        "Connection._warm_up": "beside: warm-up of the JVM",
    },
    "xray_helper.spark.session.step_tagger": {
        "StepTagger._before_call": "tags",
        "StepTagger.leave": "tags",
    },
    "xray_helper.spark.lineage.plan_capture": {
        "PlanCapture.__init__": "plans of steps",
        "PlanCapture.enter": "plans of steps",
        "PlanCapture.output": "plans of steps",
        "PlanCapture.leave": "plans of steps",
        "PlanCapture.planned": "plans of steps",
    },
    "xray_helper.spark.lineage.plan_text": {"WholePlans.request": "plans of steps"},
    "xray_helper.spark.lineage.execution_plans": {"ExecutionPlans.read": "evidence"},
    "xray_helper.spark.lineage.follower": {
        "LineageFollower._read_plans": "texts",
        "LineageFollower.close": "outcomes",
    },
}
NONE: Final = "the job itself"
_MS_PER_NS: Final = 1e-6


@dataclass
class Phase:
    """What a phase has taken so far."""

    ms: float = 0.0
    cpu_ms: float = 0.0
    jvm_calls: int = 0


@dataclass
class Phases:
    """The phases of one process; each thread has a stack of those that it is in."""

    found: dict[str, Phase] = field(default_factory=lambda: defaultdict(Phase))
    _own: threading.local = field(default_factory=threading.local)

    @contextmanager
    def within(self, name: str) -> Iterator[None]:
        """Count a block for a phase, and not for the one around it."""
        stack = self._stack()
        self._charge(stack)
        stack.append(name)
        try:
            yield
        finally:
            self._charge(stack)
            stack.pop()

    def called(self) -> None:
        """Count a call to the JVM."""
        self.found[(self._stack() or [NONE])[-1]].jvm_calls += 1

    def _charge(self, stack: list[str]) -> None:
        """Give the time since the last look to the phase that is on top."""
        now, cpu = time.perf_counter_ns(), time.thread_time_ns()
        before, cpu_before = getattr(self._own, "last", (now, cpu))
        self._own.last = now, cpu
        if stack:
            self.found[stack[-1]].ms += (now - before) * _MS_PER_NS
            self.found[stack[-1]].cpu_ms += (cpu - cpu_before) * _MS_PER_NS

    def _stack(self) -> list[str]:
        if not hasattr(self._own, "stack"):
            self._own.stack = []
        stack: list[str] = self._own.stack
        return stack


def watch(phases: Phases) -> None:
    """Time the functions of each module as soon as the program imports it."""
    for module, functions in _PHASES.items():
        wrapt.register_post_import_hook(functools.partial(_time, phases, functions), module)
    wrapt.register_post_import_hook(functools.partial(_count, phases), "py4j.clientserver")


def _time(phases: Phases, functions: dict[str, str], module: Any) -> None:
    for path, phase in functions.items():
        owner, _, name = path.rpartition(".")
        target = getattr(module, owner) if owner else module
        setattr(target, name, _timed(phases, phase, getattr(target, name)))


def _timed(phases: Phases, phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def timed(*given: Any, **named: Any) -> Any:
        with phases.within(phase):
            return function(*given, **named)

    return timed


def _count(phases: Phases, module: Any) -> None:
    send = module.ClientServerConnection.send_command

    def counted(*given: Any, **named: Any) -> Any:
        phases.called()
        return send(*given, **named)

    module.ClientServerConnection.send_command = counted


def main(report: str, program: list[str]) -> None:
    """Run a program with its phases watched."""
    phases = Phases()
    watch(phases)
    try:
        if program[0] == "-m":
            sys.argv = program[1:]
            runpy.run_module(program[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = program
            sys.path.insert(0, str(Path(program[0]).parent))
            runpy.run_path(program[0], run_name="__main__")
    finally:
        found = {name: asdict(phase) for name, phase in phases.found.items()}
        calls = sum(phase.jvm_calls for phase in phases.found.values())
        jvm = jvm_of(os.getpid())
        threads = seconds_by_thread(jvm) if jvm is not None else {}
        threads["Python"] = time.process_time()
        taken = {"jvm_calls": calls, "phases": found, "threads": threads}
        Path(report).write_text(json.dumps(taken))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
