# SPDX-License-Identifier: Apache-2.0
"""Who is let in by a server that listens on this machine alone: no web page, under no name but its own.

127.0.0.1 keeps other machines out, and nobody else: every page in a browser on this machine can send requests
there, by the address or by a name of its own that points to it (DNS rebinding). A browser says so in headers
that a page cannot leave out. Another user of the machine sends what he likes: against him, it takes a secret.

Source: "Fetch Metadata Request Headers", https://www.w3.org/TR/fetch-metadata/
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

_BROWSER = (
    "origin",
    "sec-fetch-site",
    "sec-fetch-dest",
    "sec-fetch-user",
)  # Node's fetch sends sec-fetch-mode
_OWN_SITE = ("same-origin", "none")  # none: the address bar, a bookmark
_TOP_LEVEL = ("navigate", "document")  # mode and destination of a link that is followed; no frame, no script


def own_names(port: int) -> tuple[str, str]:
    """Return what ``Host`` is for a server on a port of the loopback interface."""
    return f"127.0.0.1:{port}", f"localhost:{port}"


def refusal(headers: Iterable[tuple[str, str]], *, names: Collection[str], page: bool = False) -> str | None:
    """Return why a request must not be answered, as a sentence; None when nothing is wrong with it.

    Parameters
    ----------
    headers
        Of the request: names, in any case, and values.
    names
        What ``Host`` may be, see ``own_names``.
    page
        Whether the server is meant for browsers: then it is open to itself and to whoever opens it in a tab.

    Examples
    --------
    >>> refusal([("Host", "127.0.0.1:80")], names=own_names(80)) is None
    True
    >>> refusal([("Host", "evil.example:80")], names=own_names(80))
    'This server has no such name: call it 127.0.0.1:80.'
    """
    given = {name.lower(): value for name, value in headers}
    host = given.get("host", "").lower()
    if host not in names:
        return f"This server has no such name: call it {next(iter(names))}."
    if page:
        return (
            None if _opens_page(given, host) else "Another web page may not read this one: open it in a tab."
        )
    if any(name in given for name in _BROWSER):
        return "This server answers no web page: call it from a program."
    return None


def _opens_page(given: Mapping[str, str], host: str) -> bool:
    """Return whether a request is the page's own, or a person's who opens it, or a program's."""
    if given.get("origin", f"http://{host}").lower() != f"http://{host}":
        return False
    if given.get("sec-fetch-site", "none") in _OWN_SITE:
        return True
    return (given.get("sec-fetch-mode"), given.get("sec-fetch-dest")) == _TOP_LEVEL
