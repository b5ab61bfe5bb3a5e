# SPDX-License-Identifier: Apache-2.0
"""Progress for a person: a spinner with the last line on a terminal, one line per part elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

console = Console(highlight=False)
WIDTH = 100  # characters of a progress line


@contextmanager
def part(title: str) -> Iterator[Callable[[str], None]]:
    """Show a part while it runs and how long it took; the block gets a function that shows its last line."""
    started = time.monotonic()
    with console.status(title) as status:

        def show(line: str) -> None:
            seconds = time.monotonic() - started
            status.update(f"{title} [dim]{seconds:4.0f} s  {line[:WIDTH].replace('[', '(')}[/dim]")

        try:
            yield show
        except BaseException:
            console.print(f"[red]✗[/red] {title}")
            raise
    console.print(f"[green]✓[/green] {title} [dim]{time.monotonic() - started:.1f} s[/dim]")
