# SPDX-License-Identifier: Apache-2.0
"""The argument of an attached job from which ``runner.py`` and ``glue-xray detach`` know what to do."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from glue_xray.attach.definition import Definition

#: Stands among the arguments that no run can override: who may start a run must not choose its code.
ARGUMENT: Final = "--glue_xray"
PLACE: Final = "NonOverridableArguments"


@dataclass(frozen=True)
class Mark:
    """The value of ``--glue_xray``: a location, and options behind it.

    Attributes
    ----------
    script
        Where the job's own script is.
    library
        Where the zip of the library is, with the runner below the same folder.
    original
        The digest of the definition before.
    role
        The role that got an inline policy; empty without one.
    options
        Further ones: arguments of the library, for example ``job_name``.
    """

    script: str
    library: str
    original: str
    role: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, definition: Definition) -> Mark | None:
        """Return the mark of a job; None when it is not attached."""
        value = (definition.get(PLACE) or {}).get(ARGUMENT)
        return None if value is None else cls.parse(str(value))

    @classmethod
    def parse(cls, value: str) -> Mark:
        """Read a value.

        Examples
        --------
        >>> Mark.parse("s3://b/orders.py --library=s3://b/l.zip --original=1f").library
        's3://b/l.zip'
        """
        script, *words = [*shlex.split(value), ""]
        pairs = (word[2:].partition("=") for word in words if word.startswith("--"))
        options = {name: text for name, _, text in pairs}
        library, original, role = (options.pop(name, "") for name in ("library", "original", "role"))
        return cls(script, library, original, role, options)

    def __str__(self) -> str:
        own = {"library": self.library, "original": self.original, "role": self.role, **self.options}
        return shlex.join([self.script, *(f"--{name}={value}" for name, value in own.items() if value)])

    @property
    def version(self) -> str:
        """The version of the library."""
        return self.library.rpartition("/library-")[2].rpartition("-")[0]

    def runs(self, location: str) -> bool:
        """Return whether a script location is that of the runner beside this library."""
        folder = self.library.rpartition("/library-")[0]
        return bool(folder) and location.startswith(f"{folder}/run-")
