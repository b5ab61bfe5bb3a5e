# SPDX-License-Identifier: Apache-2.0
"""Texts that can be sent."""

from __future__ import annotations


def utf8(value: str) -> str:
    """Replace what UTF-8 cannot carry by ``?``: half characters, as in file names that are not text."""
    return value.encode(errors="replace").decode()
