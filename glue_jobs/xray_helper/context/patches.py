# SPDX-License-Identifier: Apache-2.0
"""Methods of other people's classes that are replaced for a while."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

Method = Callable[..., Any]
_INHERITED: Final = object()  # the class itself has no such method


class Patches:
    """Replaces methods between ``begin`` and ``end``, which may be nested."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._users = 0
        self._done: dict[tuple[type | ModuleType, str], tuple[Any, Method]] = {}

    def begin(self) -> bool:
        """Return whether this is the first user, who is the one to patch."""
        with self._lock:
            self._users += 1
            return self._users == 1

    def put(self, owner: type | ModuleType, name: str, make: Callable[[Method], Method]) -> None:
        """Replace a method by what ``make`` returns for it; once."""
        with self._lock:
            if not self._users or (owner, name) in self._done:
                return
            original = getattr(owner, name)
            replacement = self._guarded(original, make(original))
            self._done[owner, name] = (vars(owner).get(name, _INHERITED), replacement)
            setattr(owner, name, replacement)

    def end(self) -> None:
        """Restore the methods with the last user; what others wrapped does nothing more."""
        with self._lock:
            self._users = max(self._users - 1, 0)
            if self._users:
                return
            for (owner, name), (before, replacement) in self._done.items():
                if vars(owner).get(name) is not replacement:
                    continue
                if before is _INHERITED:
                    delattr(owner, name)
                else:
                    setattr(owner, name, before)
            self._done.clear()

    def _guarded(self, original: Method, replacement: Method) -> Method:
        @functools.wraps(original)
        def method(*args: Any, **kwargs: Any) -> Any:
            return (replacement if self._users else original)(*args, **kwargs)

        return method
