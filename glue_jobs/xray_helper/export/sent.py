# SPDX-License-Identifier: Apache-2.0
"""What became of a request to a collector."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Sent:
    """What became of a request: taken or not, how many spans of it were refused, what went wrong."""

    accepted: bool = False
    rejected: int = 0
    error: str = ""
