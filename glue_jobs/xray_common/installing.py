# SPDX-License-Identifier: Apache-2.0
"""How the distribution is installed, in the words of every message: no package index has it."""

from __future__ import annotations


def install_command(extra: str = "") -> str:
    """Return the command that brings an extra, by default the base, and where it is typed.

    Examples
    --------
    >>> print(install_command("viewer"))
    pip install ".[viewer]" in a clone of its repository
    """
    what = f'".[{extra}]"' if extra else "."
    return f"pip install {what} in a clone of its repository"
