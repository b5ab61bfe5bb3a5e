# SPDX-License-Identifier: Apache-2.0
"""As much of S3 as HeadObject and the transfer manager need.

Every object exists whose key does not begin with ``missing``, and is empty.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import boto3
from botocore.config import Config

from tests.serving import Serving

SLOW_S = 1.0  # longer than a busy machine makes any other call; what a key that begins with ``slow`` takes


_UPLOAD_ID = b"<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._exists()

    def do_GET(self) -> None:
        self._exists()

    def do_PUT(self) -> None:
        self._take_body()
        self._answer(b"")

    def do_POST(self) -> None:
        self._take_body()
        self._answer(_UPLOAD_ID)

    def _take_body(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                self.rfile.read(size + 2)
            while self.rfile.readline().strip():
                pass
        else:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _exists(self) -> None:
        key = self.path.split("/")[2]
        if key.startswith("slow"):
            time.sleep(SLOW_S)
        self.send_response(404 if key.startswith("missing") else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def s3_server() -> Iterator[str]:
    """Give the URL of a server that is there until the block is left."""
    with Serving(_Handler) as server:
        yield server.url


@functools.cache
def s3_client(url: str) -> Any:
    """Make a client of it, one for a process."""
    session = boto3.session.Session(
        aws_access_key_id="id", aws_secret_access_key="secret", region_name="eu-west-1"
    )
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    return session.client("s3", endpoint_url=url, config=config)
