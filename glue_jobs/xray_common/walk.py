# SPDX-License-Identifier: Apache-2.0
"""One walk for all that nests: documents, spans, steps of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def preorder(root: T, below: Callable[[T], Sequence[T]]) -> Iterator[T]:
    """Yield an item and everything below it, parents first. Not recursive: traces may be deep.

    Parameters
    ----------
    below
        Returns the children of an item; called once the item is used, so its user may still add some.

    Example
    -------
    >>> list(preorder(3, range))
    [3, 0, 1, 0, 2, 0, 1, 0]
    """
    stack = [root]
    while stack:
        item = stack.pop()
        yield item
        stack.extend(reversed(below(item)))
