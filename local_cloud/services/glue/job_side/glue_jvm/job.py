# SPDX-License-Identifier: Apache-2.0
"""The job object of a script: there is one, and it may be committed as often as the script likes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, ClassVar

_BOOKMARK = "job_bookmark_option"


class Job:
    """Its state is the class's, as that of Scala's object is."""

    _name: ClassVar[str | None] = None

    @classmethod
    def init(cls, name: str, session: Any, arguments: Mapping[str, Any]) -> None:
        """Begin the job; say it when it counts on bookmarks."""
        cls._name = name
        if arguments.get(_BOOKMARK) in ("job-bookmark-enable", "job-bookmark-pause"):
            print(
                f"awsglue: the local cloud keeps no job bookmarks, so {name} reads everything that is there.",
                file=sys.stderr,
            )

    @classmethod
    def isInitialized(cls) -> bool:
        """Return whether the job has begun."""
        return cls._name is not None

    @classmethod
    def commit(cls) -> None:
        """Keep the state of bookmarks, of which there are none.

        Raises
        ------
        RuntimeError
            The job has not begun.
        """
        if cls._name is None:
            raise RuntimeError(
                "Job.commit() without Job.init(): call job.init(args['JOB_NAME'], args) first."
            )
