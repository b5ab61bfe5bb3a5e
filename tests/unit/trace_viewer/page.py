# SPDX-License-Identifier: Apache-2.0
"""A page of the viewer, read by the standard library's parser."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """Collects elements with their attributes, and the text of scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.raw: list[tuple[str, dict[str, str | None], str]] = []
        self.text = ""
        self._inside: tuple[str, dict[str, str | None]] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = (tag, dict(attrs)) if tag in ("script", "style") else None

    def handle_endtag(self, tag: str) -> None:
        self._inside = None

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.raw.append((*self._inside, data))
        else:
            self.text += data

    def script(self, name: str) -> str:
        return next(text for tag, attributes, text in self.raw if attributes.get("id") == name)

    def policy(self) -> dict[str, list[str]]:
        content = next(
            str(a["content"]) for tag, a in self.elements if a.get("http-equiv") == "Content-Security-Policy"
        )
        return {name: values for name, *values in (rule.split() for rule in content.split(";"))}
