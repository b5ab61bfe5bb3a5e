# SPDX-License-Identifier: Apache-2.0
"""Puts a step around each method that makes Spark work, once the script imports the class."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any

import wrapt

from xray_helper.run.actions import ACTIONS, Actions
from xray_helper.run.line_steps import LineSteps


class ActionWatch:
    """Watches the actions of one job's script.

    Nothing is imported from here: a script without Spark stays one.
    """

    def __init__(self, steps: LineSteps) -> None:
        self._steps: LineSteps | None = steps
        self._originals: list[tuple[type, str, Any]] = []  # None for a method that is inherited
        for actions in ACTIONS:
            wrapt.register_post_import_hook(functools.partial(self._imported, actions), actions.module)

    def stop(self) -> None:
        """Leave the classes as they were."""
        if self._steps is not None:
            self._steps.close()
        self._steps = None
        for cls, name, method in self._originals:
            if method is None:
                delattr(cls, name)
            else:
                setattr(cls, name, method)

    def _imported(self, actions: Actions, module: ModuleType) -> None:
        cls = vars(module).get(actions.cls)
        if self._steps is None or cls is None:
            return
        for name in actions.methods.intersection(dir(cls)):
            self._originals.append((cls, name, vars(cls).get(name)))
            setattr(cls, name, _stepped(getattr(cls, name), actions.prefix + name, self._steps))


def _stepped(method: Callable[..., Any], action: str, steps: LineSteps) -> Callable[..., Any]:
    @functools.wraps(method)
    def called(*arguments: Any, **named: Any) -> Any:
        with steps.around(action):
            return method(*arguments, **named)

    # PySpark takes what stands before the first file of its own on the stack for the user's line, and shows
    # it as the place of a job (`pyspark.traceback_utils.first_spark_call`).
    own: CodeType | None = getattr(method, "__code__", None)
    if own is not None:
        function: Any = called
        function.__code__ = function.__code__.replace(
            co_filename=own.co_filename, co_name=own.co_name, co_firstlineno=own.co_firstlineno
        )
    return called
