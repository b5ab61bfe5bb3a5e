# SPDX-License-Identifier: Apache-2.0
"""Puts our code around a function of ministack without changing its source."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


def wrap(owner: Any, name: str, around: Callable[..., Any]) -> None:
    """Replace an attribute by a function that calls ``around(original, *arguments)``.

    ministack looks its functions up by name when it calls them, so a replaced one is used from then on.

    Raises
    ------
    AttributeError
        The installed ministack has no such function: this version of it is not the one we know.
    """
    original = getattr(owner, name)

    @functools.wraps(original)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        return around(original, *arguments, **options)

    setattr(owner, name, wrapped)
