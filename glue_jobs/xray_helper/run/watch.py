# SPDX-License-Identifier: Apache-2.0
"""Puts a step around each method that makes Spark work, once the script imports the class."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any

import wrapt

from xray_helper.context.patches import Patches
from xray_helper.run.actions import ACTIONS, Actions
from xray_helper.run.line_steps import LineSteps


class ActionWatch:
    """Watches the actions of one job's script.

    Nothing is imported from here: a script without Spark stays one.
    """

    def __init__(self, steps: LineSteps) -> None:
        self._steps = steps
        self._patches = Patches()
        self._patches.begin()
        for actions in ACTIONS:
            wrapt.register_post_import_hook(functools.partial(self._imported, actions), actions.module)

    def stop(self) -> None:
        """Leave the classes as they were."""
        self._patches.end()
        self._steps.close()

    def _imported(self, actions: Actions, module: ModuleType) -> None:
        cls: Any = vars(module).get(actions.cls)
        for name in actions.methods.intersection(dir(cls)) if cls is not None else ():
            original = getattr(cls, name)
            self._patches.put(cls, name, functools.partial(_stepped, actions.prefix + name, self._steps))
            if getattr(cls, name) is not original:
                _disguise(getattr(cls, name), original)


def _stepped(action: str, steps: LineSteps, method: Callable[..., Any]) -> Callable[..., Any]:
    def called(*arguments: Any, **named: Any) -> Any:
        with steps.around(action):
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
