# SPDX-License-Identifier: Apache-2.0
"""Column names: made alike, checked against the data contract before any row is read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from transforms.errors import SchemaError
from transforms.fields import DROPPED, NOTES, REQUIRED

MAX_COLUMNS: Final = 256  # Spark takes twice as long for them as for 26, for 500 six times, for 2,000 minutes
MAX_HEADER: Final = 32_768  # characters of all names: each rejected row has them as its keys
MAX_NAMES: Final = 60  # in a message; a broken header may hold thousands
MAX_NAME: Final = 60  # characters of each


class Column(NamedTuple):
    """A column of the input.

    Attributes
    ----------
    name
        Its name as read.
    kept_as
        The name of its values in rejected rows: the same, but when two differ in nothing or only in case.
    contract
        The same name as the data contract writes it: ``Host Name`` -> ``host_name``.
    inner
        Its name inside the job: the contract's name when the job needs it, else ``other_<n>``.
    """

    name: str
    kept_as: str
    contract: str
    inner: str


def contract_name(name: str) -> str:
    """Trim, lower the case, and make each run of other characters than a-z0-9 one underscore.

    Examples
    --------
    >>> contract_name(" Construction  year ")
    'construction_year'
    """
    return re.sub(r"[^a-z0-9]+", "_", name.strip().lower())


def plan_columns(names: Sequence[str], uri: str) -> tuple[Column, ...]:
    """Find the columns of the contract among those of the input, in the input's order.

    Raises
    ------
    SchemaError
        See ``check_names``.
    """
    check_names(names, uri)
    found = [contract_name(name) for name in names]
    return tuple(
        Column(name, kept_as, contract, contract if contract in REQUIRED else f"other_{index}")
        for index, (name, kept_as, contract) in enumerate(zip(names, _distinct(names), found, strict=True))
    )


def check_names(names: Sequence[str], uri: str) -> None:
    """Make sure that names are those of a table of listings.

    Raises
    ------
    SchemaError
        When one of the required columns is missing, or is there twice; when there are more columns than
        ``MAX_COLUMNS``, or more characters in their names than ``MAX_HEADER``.
    """
    _check_number(names, uri)
    found = [contract_name(name) for name in names]
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        has = _listed(found) if any(found) else "no named column"
        raise SchemaError(f"{uri} lacks the {_plural(missing)} {_listed(missing)}; it has {has}.")
    twice = [name for name, times in Counter(found).items() if times > 1 and name in REQUIRED]
    if twice:
        raise SchemaError(f"{uri} has the {_plural(twice)} {_listed(twice)} more than once.")


def _check_number(names: Sequence[str], uri: str) -> None:
    if len(names) > MAX_COLUMNS:
        raise SchemaError(
            f"{uri} has {len(names)} columns, and no more than {MAX_COLUMNS} are read: leave out those that "
            "are not needed."
        )
    if sum(map(len, names)) > MAX_HEADER:
        raise SchemaError(
            f"{uri} has column names of more than {MAX_HEADER} characters in all: shorten them, or leave out "
            "columns."
        )


def unknown_columns(columns: Iterable[Column]) -> list[str]:
    """Name the columns that the contract does not know, as the input writes them."""
    return [column.name for column in columns if column.contract not in (*REQUIRED, *DROPPED)]


def dropped_columns(columns: Iterable[Column]) -> list[str]:
    """Name the columns that the contract knows and drops, as the input writes them."""
    return [column.name for column in columns if column.contract in DROPPED]


def _distinct(names: Sequence[str]) -> list[str]:
    """Make names of JSON keys that differ in more than their case, as Spark's writer wants it."""
    used = {note.lower() for note in NOTES}
    copies: Counter[str] = Counter()  # goes on where it has stopped: many equal names take no longer each
    distinct = []
    for index, name in enumerate(names):
        base = candidate = name or f"column_{index + 1}"
        while candidate.lower() in used:
            copies[base] += 1
            candidate = f"{base}_{copies[base] + 1}"
        used.add(candidate.lower())
        distinct.append(candidate)
    return distinct


def _plural(names: Sequence[str]) -> str:
    return "column" if len(names) == 1 else "columns"


def _listed(names: Sequence[str]) -> str:
    shown = [name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + "…" for name in names[:MAX_NAMES]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
