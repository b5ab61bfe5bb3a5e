# SPDX-License-Identifier: Apache-2.0
"""Puts a step around each method that makes Spark work or plans, once the script imports the class."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any

import wrapt

from xray_helper.context.patches import Method, Patches
from xray_helper.run.actions import ACTIONS, PLANNING, STOPS, Methods
from xray_helper.run.line_steps import LineSteps

Make = Callable[[str, LineSteps, Method], Method]


class ScriptWatch:
    """Watches the lines of one job's script: those with actions and, if the steps want them, lazy ones.

    Nothing is imported from here: a script without Spark stays one.
    """

    def __init__(self, steps: LineSteps) -> None:
        self._steps = steps
        self._patches = Patches()
        self._patches.begin()
        watched: list[tuple[Make, tuple[Methods, ...]]] = [(_stepped, ACTIONS)]
        if steps.with_lazy_lines:
            watched += [(_planned, PLANNING), (_stopping, STOPS)]
        for make, groups in watched:
            for methods in groups:
                hook = functools.partial(self._imported, methods, make)
                wrapt.register_post_import_hook(hook, methods.module)

    def stop(self) -> None:
        """Leave the classes as they were."""
        self._patches.end()
        self._steps.close()

    def _imported(self, methods: Methods, make: Make, module: ModuleType) -> None:
        cls: Any = vars(module).get(methods.cls) if methods.cls else module
        for name in methods.methods.intersection(dir(cls)) if cls is not None else ():
            original = getattr(cls, name)
            self._patches.put(cls, name, functools.partial(make, methods.prefix + name, self._steps))
            if getattr(cls, name) is not original:
                _disguise(getattr(cls, name), original)


def _stepped(action: str, steps: LineSteps, method: Method) -> Method:
    def called(*arguments: Any, **named: Any) -> Any:
        with steps.around(action):
            return method(*arguments, **named)

    return called


def _planned(name: str, steps: LineSteps, method: Method) -> Method:
    def called(*arguments: Any, **named: Any) -> Any:
        with steps.planning(name) as planning:
            result = method(*arguments, **named)
            planning.returned(result)
            return result

    return called


def _stopping(_: str, steps: LineSteps, method: Method) -> Method:
    def called(*arguments: Any, **named: Any) -> Any:
        steps.end_passes()
        return method(*arguments, **named)

    return called


def _disguise(patched: Any, original: Any) -> None:
    """Let a method look like the one behind it, on the stack.

    PySpark takes what stands before the first file of its own on the stack for the user's line, and shows it
    as the place of a job (``pyspark.traceback_utils.first_spark_call``).
    """
    own: CodeType | None = getattr(original, "__code__", None)
    if own is not None:
        patched.__code__ = patched.__code__.replace(
            co_filename=own.co_filename, co_name=own.co_name, co_firstlineno=own.co_firstlineno
        )
