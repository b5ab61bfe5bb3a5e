# SPDX-License-Identifier: Apache-2.0
"""Plans of wide tables, untruncated: by default Spark cuts each list after 25 columns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from xray_helper.spark.status_store.mappers import find_static

_SESSION: Final = "org.apache.spark.sql.SparkSession"
_SETTING: Final = "spark.sql.debug.maxToStringFields"
_COLUMNS: Final = 250  # wider plans stay cut: their text would cost more than it is worth


class WholePlans:
    """Raises a setting that changes the text of plans and nothing else; the user's own stays."""

    def __init__(self) -> None:
        self._session: Any = None
        self.are_requested = False

    def request(self, session: Any) -> None:
        """Raise the limit in a session, once, unless the user has set it."""
        if self.are_requested:
            return
        self.are_requested = True
        if session.conf.get(_SETTING, None) is None:
            session.conf.set(_SETTING, str(_COLUMNS))
            self._session = session

    @contextmanager
    def apply(self) -> Iterator[None]:
        """Make this thread write whole plans too: the job may be ended by a thread that has no session."""
        session = self._session
        active = find_static(session._jvm, _SESSION) if session is not None else None
        if active is None or active.getActiveSession().isDefined():
            yield
            return
        active.setActiveSession(session._jsparkSession)
        try:
            yield
        finally:
            active.clearActiveSession()

    def restore(self) -> None:
        """Set the limit back."""
        if self._session is not None:
            self._session.conf.unset(_SETTING)
            self._session = None
