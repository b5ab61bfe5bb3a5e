# SPDX-License-Identifier: Apache-2.0
"""The page that the demonstration serves: there from the start, gone at the end, never in the way."""

from __future__ import annotations

import re
import urllib.request
from urllib.error import URLError

import pytest

from demo import live
from trace_viewer import Trace
from trace_viewer.rendering.live.server import Server


def visit(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - this machine
        page: str = answer.read().decode()
    return page


def address(printed: str) -> str:
    (url,) = re.findall(r"http://127\.0\.0\.1:\d+/", printed)
    return str(url)


def test_before_the_run_the_page_says_so_and_then_shows_its_trace(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = '{"id": "a", "name": "nightly", "start_time": 1.0, "end_time": 2.0}'

    def fetch(trace_id: str) -> Trace:
        return Trace(trace_id, (("a", document),), 1.0)

    monkeypatch.setattr(live, "fetch_trace", fetch)
    with live.live_trace() as show:
        url = address(capsys.readouterr().out)
        assert "The run has not started yet." in visit(url)
        show("1-69202261-0123456789abcdef01234567")
        page = visit(url)
        assert "nightly" in page
        assert "1-69202261-0123456789abcdef01234567" in page
    with pytest.raises(URLError):
        visit(url)


def test_it_ends_when_the_demonstration_fails(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), live.live_trace():
        url = address(capsys.readouterr().out)
        raise KeyboardInterrupt
    with pytest.raises(URLError):
        visit(url)


def test_without_a_port_there_is_no_page_and_the_demonstration_goes_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Server:
        raise OSError("no port is free")

    monkeypatch.setattr(live, "Server", refuse)
    with live.live_trace() as show:
        show("1-69202261-0123456789abcdef01234567")
    assert capsys.readouterr().out == "no live page: no port is free\n"
