# SPDX-License-Identifier: Apache-2.0
"""Writes docs/reference.md: ``python -m tests.unit.docs.reference``.

Arguments and calls come from the docstrings of the library, names and meanings from docs/reference.toml.
"""

from __future__ import annotations

import inspect
import itertools
import logging
import re
import tomllib
from collections.abc import Iterable, Iterator
from typing import Any, Final

import xray_helper
from glue_xray.commands import COMMANDS
from tests.unit.docs.names_in_code import ROOT
from xray_helper import Job, Metrics, Settings, Step

PAGE: Final = ROOT / "docs" / "reference.md"
NAMES: Final = ROOT / "docs" / "reference.toml"
_HEAD: Final = """# Reference

<!-- Written by `python -m tests.unit.docs.reference`, from the library's docstrings and reference.toml -->

Every argument, call, annotation, attribute and metric.
A missing attribute means "not measured"; a measured zero is 0.
"""
_FACES: Final[tuple[tuple[str, Any, tuple[str, ...]], ...]] = (
    ("job", Job, ()),
    ("job.metrics", Metrics, ("count", "gauge", "record")),
    ("step", Step, ()),
)  # what is public of the class, or these of it
_PROBES: Final = ("on", "off", "7", "time", "a,b")


def page() -> str:
    """Return the page."""
    parts = [_HEAD, *_arguments(), *_calls(), *_commands()]
    for kind, groups in tomllib.loads(NAMES.read_text(encoding="utf-8")).items():
        parts.append(f"## {kind.capitalize()}\n")
        for where, names in groups.items():
            rows = ((f"`{name}`", meaning) for name, meaning in names.items())
            parts.append(_table((f"{where[0].upper()}{where[1:]}", "meaning"), rows))
    return "\n".join(parts)


def named(kind: str) -> set[str]:
    """Return the names of one kind that docs/reference.toml explains."""
    groups = tomllib.loads(NAMES.read_text(encoding="utf-8"))[kind]
    return {name for names in groups.values() for name in names}


def _arguments() -> Iterator[str]:
    meanings = dict(parameters(inspect.getdoc(Settings) or ""))
    given = [name for name in meanings if _is_argument(name)]
    yield "## Arguments of a job\n\nAlso parameters of `Settings`. Your own arguments are passed over.\n"
    yield _table(("argument", "meaning"), _together((f"`--{name}`", meanings[name]) for name in given))
    yield "In code only, as parameters of `Settings`:\n"
    rest = ((f"`{name}`", meaning) for name, meaning in meanings.items() if name not in given)
    yield _table(("parameter", "meaning"), rest)


def _together(rows: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Make one row of neighbours with one meaning."""
    for meaning, same in itertools.groupby(rows, key=lambda row: row[1]):
        yield ", ".join(name for name, _ in same), meaning


def _is_argument(name: str) -> bool:
    """Return whether a command line can set the field: whether some value given by its name changes it."""
    without = Settings.from_arguments([], {})
    return any(
        getattr(Settings.from_arguments([f"--{name}={value}"], {}), name) != getattr(without, name)
        for value in _PROBES
    )


def parameters(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and description of each entry below "Parameters"; names that share one each have it."""
    section = re.split(r"\n(?=\w+\n-+\n)", text.partition("Parameters\n----------\n")[2])[0]
    for entry in re.split(r"\n(?=\S)", section):
        names, _, meaning = entry.partition("\n")
        for name in names.split(", "):
            yield name.strip(), _one_line(meaning)


def _calls() -> Iterator[str]:
    yield "## Calls\n\n`from xray_helper import …`\n"
    functions = ((f"`{name}`", _summary(getattr(xray_helper, name))) for name in sorted(xray_helper.__all__))
    yield _table(("name", "meaning"), functions)
    for face, cls, chosen in _FACES:
        members = chosen or [name for name in vars(cls) if not name.startswith("_")]
        rows = (
            (f"`{face}.{_call(cls, name)}`", _summary(inspect.getattr_static(cls, name))) for name in members
        )
        yield _table((f"`{face}`", "meaning"), rows)


def _call(cls: type, name: str) -> str:
    member = inspect.getattr_static(cls, name)
    if not callable(member):
        return name
    taken = [str(p).split(":")[0].split("=")[0] for p in inspect.signature(member).parameters.values()][1:]
    return f"{name}({', '.join(taken)})"


def _commands() -> Iterator[str]:
    yield "## Commands\n"
    yield _table(
        ("command", "does"), ((f"`glue-xray {name}`", known.summary) for name, known in COMMANDS.items())
    )


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    lines = [head, ("---", "---"), *((name, meaning.replace("|", "\\|")) for name, meaning in rows)]
    return "".join(f"| {name} | {meaning} |\n" for name, meaning in lines)


def _summary(documented: object) -> str:
    return _one_line((inspect.getdoc(documented) or "").partition("\n\n")[0]).rstrip(".")


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("``", "`")


if __name__ == "__main__":
    logging.disable()  # the settings warn about some probes
    PAGE.write_text(page(), encoding="utf-8")
