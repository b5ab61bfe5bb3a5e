# SPDX-License-Identifier: Apache-2.0
"""Modules beside a script that have the name of others: they win, as when Python runs it alone."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any, Final

from xray_helper.export.delivery import warm_up
from xray_helper.hidden_packages import AWS_SDK, CALLS, OTLP, TRACE
from xray_helper.settings import Settings

_PACKAGES: Final = {module.partition(".")[0] for module in (*AWS_SDK, *CALLS, *OTLP, *TRACE)}
_STANDARD: Final[frozenset[str]] = getattr(sys, "stdlib_module_names", frozenset())  # from Python 3.10 on
_EXPORT: Final = ("xray_helper.export.spill", "xray_helper.export.xray")
_BEFORE_ANY_SCRIPT: Final = (None, "frozen", "built-in")  # nobody's file replaces what Python starts with


class OwnModules:
    """The files beside a script.

    Parameters
    ----------
    folder
        What will be first on Python's path; a zip has no files.

    Attributes
    ----------
    hide_packages
        Whether one has the name of a package that the trace needs. Then the folder must be first on the path
        before the trace starts: what it imports, the script would get. See ``hidden_packages``.
    """

    def __init__(self, folder: Path) -> None:
        names = {file.stem for file in folder.glob("*.py")} if folder.is_dir() else set()
        self.hide_packages = bool(names & _PACKAGES)
        self._standard = names & _STANDARD

    def import_export(self, settings: Settings) -> None:
        """Import what the export needs of the standard library, if a file would be taken for it later."""
        if self._standard:
            warm_up(settings.otlp_endpoint)
            for name in _EXPORT:
                importlib.import_module(name)

    def free_names(self) -> None:
        """Let the script import its own files for modules of the standard library that are imported already.

        Whoever has imported them keeps them.
        """
        for name, module in tuple(sys.modules.items()):
            if name.partition(".")[0] in self._standard and _origin(module) not in _BEFORE_ANY_SCRIPT:
                del sys.modules[name]


def _origin(module: Any) -> str | None:
    return getattr(getattr(module, "__spec__", None), "origin", None)
