# SPDX-License-Identifier: Apache-2.0
"""What attaching changes in a definition, and how that is undone."""

from __future__ import annotations

import copy
from typing import Final, NamedTuple

from glue_xray.attach.definition import Definition, digest
from glue_xray.attach.mark import PLACE, Mark
from glue_xray.bundle import ARGUMENT

_SCRIPT: Final = "--scriptLocation"
# Where a script's location may stand; the first one that does is the one in force.
_PLACES: Final = ((PLACE, _SCRIPT), ("DefaultArguments", _SCRIPT), ("Command", "ScriptLocation"))


class Undone(NamedTuple):
    """A definition without tracing, and whether it is exactly the one of before."""

    definition: Definition
    exact: bool


def script_location(definition: Definition) -> str:
    """Return where the script is that a run starts; empty without one."""
    member, name = _place(definition)
    return str((definition.get(member) or {}).get(name, ""))


def attached(definition: Definition, mark: Mark, runner: str) -> Definition:
    """Return the definition with the runner as its script, and the mark."""
    changed = copy.deepcopy(definition)
    member, name = _place(changed)
    changed.setdefault(member, {})[name] = runner
    changed[PLACE] = {**(changed.get(PLACE) or {}), ARGUMENT: str(mark)}
    return changed


def detached(definition: Definition, mark: Mark) -> Undone:
    """Take back what ``attached`` has changed, and nothing else that was changed since."""
    changed = copy.deepcopy(definition)
    changed[PLACE].pop(ARGUMENT)
    for member, name in _PLACES:
        if mark.runs((changed.get(member) or {}).get(name, "")):
            changed[member][name] = mark.script
    without = {name: value for name, value in changed.items() if name != PLACE or value}
    for candidate in (without, changed):  # before, there were no such arguments, or an empty list of them
        if digest(candidate) == mark.original:
            return Undone(candidate, exact=True)
    return Undone(without, exact=False)


def _place(definition: Definition) -> tuple[str, str]:
    return next(
        (place for place in _PLACES[:2] if (definition.get(place[0]) or {}).get(place[1])), _PLACES[2]
    )
