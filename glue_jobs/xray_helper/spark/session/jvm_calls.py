# SPDX-License-Identifier: Apache-2.0
"""The connections on which this process calls the JVM.

Each has a thread of its own in the JVM, and a thread's local properties are what Spark knows of who calls.
With ``PYSPARK_PIN_THREAD`` (the default) each Python thread has a connection, without it any takes any.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

from py4j.java_gateway import JavaMember

from xray_helper.context.patches import Patches


class JvmCalls:
    """Looks at each connection after it was taken and before it is used.

    Parameters
    ----------
    context
        The ``SparkContext``.
    before
        Takes the connection, which is this thread's alone at that moment.
    """

    def __init__(self, context: Any, before: Callable[[Any], None]) -> None:
        self._jvm_client = context._gateway._gateway_client
        self._target = context._jsc._target_id
        self._before = before
        self._own = threading.local()
        self._patches = Patches()

    def start(self) -> None:
        """Start to look at connections."""
        self._patches.begin()
        self._patches.put(self._jvm_client, "_get_connection", self._look)

    def stop(self) -> None:
        """Leave the client as it was."""
        self._patches.end()

    @contextlib.contextmanager
    def own(self) -> Iterator[None]:
        """Mark the calls of a block as the tracer's own, which nobody looks at."""
        depth = getattr(self._own, "depth", 0)
        self._own.depth = depth + 1
        try:
            yield
        finally:
            self._own.depth = depth

    def call(self, connection: Any, method: str, *arguments: str | None) -> Any:
        """Call a method of the ``JavaSparkContext`` on a connection that was taken."""
        return JavaMember(method, None, self._target, _OneConnection(self._jvm_client, connection))(
            *arguments
        )

    def on_own_connection(self, work: Callable[[Any], None]) -> None:
        """Take the connection that this thread has, and give it back; none is made for it."""
        find = getattr(self._jvm_client, "get_thread_connection", None)
        if find is not None and getattr(find(), "socket", None) is None:
            return  # none, or one that was closed
        with self.own():
            connection = self._jvm_client._get_connection()
        try:
            work(connection)
        finally:
            self._jvm_client._give_back_connection(connection)

    def on_idle_connections(self, work: Callable[[Any], None]) -> None:
        """Take each connection that no thread owns and none uses: those of threads are theirs."""
        if hasattr(self._jvm_client, "get_thread_connection"):
            return
        for connection in tuple(self._jvm_client.deque):
            with contextlib.suppress(ValueError):  # somebody has taken it meanwhile
                self._jvm_client.deque.remove(connection)
                work(connection)
                self._jvm_client._give_back_connection(connection)

    def _look(self, take: Callable[[], Any]) -> Callable[[], Any]:
        def get_connection() -> Any:
            connection = take()
            if not getattr(self._own, "depth", 0):
                self._before(connection)
            return connection

        return get_connection


class _OneConnection:
    """As much of py4j's client as a method needs that is called on one connection."""

    def __init__(self, client: Any, connection: Any) -> None:
        self.converters, self.gateway_property = client.converters, client.gateway_property
        self._connection = connection

    def send_command(self, command: str) -> str:
        """Send a command; what comes between the command and its answer closes the connection."""
        try:
            answer: str = self._connection.send_command(command)
        except KeyboardInterrupt:
            self._connection.close()
            raise
        return answer
