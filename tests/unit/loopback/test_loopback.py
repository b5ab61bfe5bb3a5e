# SPDX-License-Identifier: Apache-2.0
"""Who is let in by a server of this machine, by the headers that browsers and programs send."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from threading import Thread

import pytest

from local_cloud.xray.collector import Collector
from loopback import own_names, refusal
from trace_viewer.rendering.live.server import Page, Server

Headers = dict[str, str]
OWN = {"Host": "127.0.0.1:80"}
PROGRAM = {**OWN, "User-Agent": "Boto3", "Referer": "http://elsewhere/"}
ADDRESS_BAR = {**OWN, "Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
LINK = {**ADDRESS_BAR, "Sec-Fetch-Site": "cross-site"}
OTHER_PORT = {**ADDRESS_BAR, "Sec-Fetch-Site": "same-site"}
OWN_SCRIPT = {
    **OWN,
    "Origin": "http://127.0.0.1:80",
    "Sec-Fetch-Site": "same-origin",
    "Sec-Fetch-Mode": "cors",
}
FOREIGN = {
    "script": {
        **OWN,
        "Origin": "http://127.0.0.1:81",
        "Sec-Fetch-Site": "same-site",
        "Sec-Fetch-Mode": "cors",
    },
    "old browser's script": {**OWN, "Origin": "http://evil.example"},
    "sandboxed frame": {**OWN, "Origin": "null"},
    "image": {**OWN, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    "frame": {**LINK, "Sec-Fetch-Dest": "iframe"},
    "form": {**LINK, "Origin": "http://evil.example"},
    "rebound name": {**ADDRESS_BAR, "Host": "evil.example:80", "Sec-Fetch-Site": "same-origin"},
    "name that begins like ours": {**OWN, "Host": "127.0.0.1.evil.example:80"},
    "other port": {**OWN, "Host": "127.0.0.1:81"},
    "no name": {},
}
NAMES = own_names(80)


def test_a_program_is_let_in_under_both_names() -> None:
    for name in (*NAMES, "LOCALHOST:80"):
        assert refusal({**PROGRAM, "Host": name}.items(), names=NAMES) is None
        assert refusal({**PROGRAM, "Host": name}.items(), names=NAMES, page=True) is None
    node = {**OWN, "Accept": "*/*", "Sec-Fetch-Mode": "cors", "User-Agent": "node"}  # its fetch
    assert refusal(node.items(), names=NAMES) is None


@pytest.mark.parametrize("headers", [ADDRESS_BAR, LINK, OTHER_PORT, OWN_SCRIPT])
def test_a_browser_opens_a_page_and_no_api(headers: Headers) -> None:
    assert refusal(headers.items(), names=NAMES, page=True) is None
    assert refusal(headers.items(), names=NAMES) == "This server answers no web page: call it from a program."


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_page_gets_neither(headers: Headers) -> None:
    for page in (True, False):
        for case in (headers, {name.lower(): value for name, value in headers.items()}):
            assert refusal(case.items(), names=NAMES, page=page)


@pytest.fixture(scope="module")
def live() -> Iterator[str]:
    with Server(lambda: Page("<p>trace</p>")) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.url
        server.shutdown()


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    running = Collector(put=lambda documents: [], is_deployed=lambda name: True, secret="s3cret")
    yield running
    running.close()


def status(url: str, headers: Headers, body: bytes | None = None) -> int:
    port = url.rstrip("/").rpartition(":")[2]
    told = {name: value.replace(":80", f":{port}", 1) for name, value in headers.items()}
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **told})  # noqa: S310 - ours
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the same
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize(
    "headers", [headers for headers in FOREIGN.values() if headers and ":81" not in str(headers)]
)
def test_no_server_answers_a_foreign_page(live: str, collector: Collector, headers: Headers) -> None:
    assert status(live, headers) == 403
    authorized = {"Proxy-Authorization": "Basic am9iOnMzY3JldA=="}  # job:s3cret
    assert status(f"{collector.url}/v1/traces", {**headers, **authorized}, b"{}") == 403


@pytest.mark.parametrize("headers", [PROGRAM, ADDRESS_BAR, LINK, OWN_SCRIPT])
def test_the_page_of_a_trace_is_there_for_who_opens_it(live: str, headers: Headers) -> None:
    assert status(live, headers) == 200


@pytest.mark.parametrize("name", ["Proxy-Authorization", "Authorization"])
def test_the_collector_takes_spans_of_who_knows_its_secret(collector: Collector, name: str) -> None:
    url = f"{collector.url}/v1/traces"
    assert status(url, {name: "Basic am9iOnMzY3JldA=="}, b"{}") == 200
    assert status(url, {name: "Basic am9iOndyb25n"}, b"{}") == 403  # job:wrong
    assert status(url, {}, b"{}") == 403
