# SPDX-License-Identifier: Apache-2.0
"""How many security updates the Java of the local cloud lacks; nobody keeps advisories of a Java by package.

Oracle and OpenJDK release a security update in January, April, July and October, on the third Tuesday
(https://www.oracle.com/security-alerts/), each the next third number: 17.0.1 was that of October 2021.
"""

from __future__ import annotations

from datetime import date

FIRST = date(2021, 10, 19)  # of 17.0.1
_MONTHS = 3


def newest_update(today: date) -> int:
    """Return the third number of the Java 17 that is out.

    Examples
    --------
    >>> newest_update(date(2023, 10, 31)), newest_update(date(2023, 10, 1))
    (9, 8)
    """
    months = (today.year - FIRST.year) * 12 + today.month - FIRST.month
    released = today.day >= 22 or months % _MONTHS != 0  # the third Tuesday is the 21st at the latest
    return months // _MONTHS + (1 if released else 0)


def missing_updates(version: tuple[int, ...], today: date) -> int:
    """Return how many security updates a Java 17 lacks.

    Examples
    --------
    >>> missing_updates((17, 0, 9), date(2024, 2, 1))
    1
    """
    return max(0, newest_update(today) - (version[2] if len(version) > 2 else 0))
