# SPDX-License-Identifier: Apache-2.0
"""The page of a trace on this machine, fetched at every visit; it asks for news until the run is over."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from loopback import own_names, refusal
from loopback.peers import is_foreign_user
from trace_viewer.model import text
from trace_viewer.model.progress import Progress, jobs
from trace_viewer.rendering.page.assembly import assemble
from trace_viewer.rendering.page.trace_page import render_html
from trace_viewer.xray.watch import Snapshot, Watch, is_running

HOST = "127.0.0.1"
RELOAD = 3  # seconds after which a page without a trace is loaded again; one with a trace asks by itself


class Page(NamedTuple):
    """A page, and whether the browser shall load it again: one with a trace keeps its state instead."""

    html: str
    reloads: bool = False


def live_page(watch: Watch) -> Callable[[], Page]:
    """Return what renders the page of a trace as it is now, or one with the reason why there is none.

    Parameters
    ----------
    watch
        One with unlimited patience: the page shows what is wrong and tries again.
    """
    one_at_a_time = threading.Lock()

    def page() -> Page:
        with one_at_a_time:
            snapshot = watch.snapshot()
        if snapshot.trace is None:
            return Page(_waiting(snapshot.note), reloads=not snapshot.is_over)
        running = _running(snapshot)
        return Page(render_html(snapshot.trace, running=running, live=not snapshot.is_over))

    return page


def _running(snapshot: Snapshot) -> list[Progress]:
    """Return the jobs that run; none when the run is over, even if one was killed without a last word."""
    if snapshot.trace is None or not is_running(snapshot.trace.tree):
        return []
    return [job for job in jobs(snapshot.trace.tree, tasks=snapshot.tasks) if job.is_running]


def _waiting(reason: str) -> str:
    return assemble("waiting.html.j2", styles=["page.css"], scripts=[], reason=text.sentence(reason))


class Server(ThreadingHTTPServer):
    """Serves one page to this machine.

    Parameters
    ----------
    page
        Renders the page; called once per visit.
    port
        0: a free one.

    Raises
    ------
    OSError
        If the port is taken.
    """

    daemon_threads = True

    def __init__(self, page: Callable[[], Page], port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.page = page

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent about a visitor who left before the page was there; the terminal belongs to others."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        """The address to open."""
        return f"http://{HOST}:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        reason = refusal(self.headers.items(), names=own_names(self.server.server_port), page=True)
        if is_foreign_user(self.client_address, self.connection.getsockname()):
            reason = "This page is another user's."
        if reason is not None:
            self.send_error(HTTPStatus.FORBIDDEN, explain=reason)
            return
        if self.path != "/":
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        html, reloads = self.server.page()
        body = html.encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        if reloads:
            self.send_header("Refresh", str(RELOAD))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay silent: the terminal belongs to the tree."""
