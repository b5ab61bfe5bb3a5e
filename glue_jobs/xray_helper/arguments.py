# SPDX-License-Identifier: Apache-2.0
"""Values of a command line that is not this library's alone: what cannot be read changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Container, Sequence
from typing import Final, TypeVar

from xray_common.command_line import named_arguments
from xray_helper.near_misses import corrections

_Default = TypeVar("_Default")
_SWITCH: Final = {"on": True, "off": False}
_log = logging.getLogger(__name__)


def read_arguments(argv: Sequence[str], *, names: Container[str], switches: Sequence[str]) -> dict[str, str]:
    """Return values by name, without the dashes; log which of them look like slips.

    Parameters
    ----------
    names
        The library's own; one of these in the place of a value was meant as a flag.
    switches
        Those whose values are ``on`` and ``off``.
    """
    found: dict[str, str] = {}
    for name, value in named_arguments(argv):
        if value is None or not name.startswith("--"):
            continue
        found[name[2:]] = value
        looks_like = value.partition("=")[0]
        if looks_like.startswith("--") and looks_like[2:] in names:
            _log.warning(
                "%s is the value of %s here and sets nothing: write flags without a value last, or as %s=on.",
                looks_like,
                name,
                name,
            )
    for correction in corrections(found, switches=switches):
        _log.warning("%s", correction)
    return found


def switched(text: str | None, *, default: _Default) -> bool | _Default:
    """Read ``on`` or ``off``.

    Examples
    --------
    >>> switched("off", default=None), switched("perhaps", default=None)
    (False, None)
    """
    return _SWITCH.get(text or "", default)


def whole_number(text: str | None, *, default: _Default) -> int | _Default:
    """Read a whole number.

    Examples
    --------
    >>> whole_number("2", default=None), whole_number("-2", default=None)
    (2, None)
    """
    return int(text) if text and text.isdecimal() else default


def decimal_number(text: str | None, *, default: _Default) -> float | _Default:
    """Read a number with a point.

    Examples
    --------
    >>> decimal_number("0.0625", default=None), decimal_number("1/16", default=None)
    (0.0625, None)
    """
    return float(text) if text and text.replace(".", "", 1).isdecimal() else default
