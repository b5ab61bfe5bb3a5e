# SPDX-License-Identifier: Apache-2.0
"""The argument of an attached job from which ``runner.py`` and ``glue-xray detach`` know what to do."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from glue_xray.attach.definition import Definition
from glue_xray.attach.errors import AttachError
from glue_xray.bundle import ARGUMENT, job_argument

#: The arguments that no run can override: who may start a run must not choose its code.
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
        """Return the mark of a job; None when it is not attached.

        Raises
        ------
        AttachError
            The argument is not one that attaching has written.
        """
        found = [(definition.get(member) or {}).get(ARGUMENT) for member in (PLACE, "DefaultArguments")]
        if found == [None, None]:
            return None
        try:
            mark = cls.parse(str(found[0]))
        except ValueError as error:
            raise AttachError(f"its argument {ARGUMENT} cannot be read: {error}") from None
        if not mark.original or found[1] is not None:
            raise AttachError("it is traced by those who deploy it: change that where they do it")
        return mark

    @classmethod
    def parse(cls, value: str) -> Mark:
        """Read a value.

        Raises
        ------
        ValueError
            It is no command line.

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
        return job_argument(self.script, {name: value for name, value in own.items() if value})

    @property
    def folder(self) -> str:
        """The folder of the library and of the runner."""
        return self.library.rpartition("/")[0]

    @property
    def version(self) -> str:
        """The version of the library."""
        return self.library.rpartition("/library-")[2].rpartition("-")[0]

    def runs(self, location: str) -> bool:
        """Return whether a script location is that of the runner beside this library."""
        return bool(self.folder) and location.startswith(f"{self.folder}/run-")
