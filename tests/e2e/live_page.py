# SPDX-License-Identifier: Apache-2.0
"""A visitor of the page that the demonstration serves while it runs."""

from __future__ import annotations

import re
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import IO

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/")
VISIT_EVERY_S = 0.5


class Visitor:
    """Reads what a command prints and, once that names an address, what is there, until the command ends."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self._process = process
        self.printed = ""
        self.pages: list[str] = []
        self._url = threading.Event()
        self._over = threading.Event()
        self._threads = [_start(self._read, process.stdout), _start(self._visit)]

    def finish(self, timeout_s: float) -> int:
        """Wait for the end of the command; its exit code."""
        code = self._process.wait(timeout_s)
        self._over.set()
        self._url.set()
        for thread in self._threads:
            thread.join()
        return code

    @property
    def addresses(self) -> list[str]:
        """What the command printed of addresses."""
        return ADDRESS.findall(self.printed)

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self.printed += line
            if ADDRESS.search(line):
                self._url.set()

    def _visit(self) -> None:
        self._url.wait()
        while not self._over.wait(VISIT_EVERY_S):
            try:
                with urllib.request.urlopen(self.addresses[0], timeout=20) as answer:  # noqa: S310 - this machine
                    self.pages.append(answer.read().decode())
            except (urllib.error.URLError, ConnectionError):
                return  # the demonstration is over, and so is its page


def _start(work: Callable[..., None], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments, daemon=True)
    thread.start()
    return thread
