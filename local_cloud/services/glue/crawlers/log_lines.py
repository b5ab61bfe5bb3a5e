# SPDX-License-Identifier: Apache-2.0
"""Where a crawler logs: https://docs.aws.amazon.com/glue/latest/dg/monitor-crawler.html ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.services.logs import streams


class CrawlLog:
    """The lines of one crawl.

    Attributes
    ----------
    group, stream
        All crawlers of an account share a group, each has a stream. A security configuration has, with each
        role, a group of its own.
    """

    def __init__(self, crawler: Mapping[str, Any], crawl_id: str) -> None:
        security, role = crawler.get("CrawlerSecurityConfiguration"), str(crawler["Role"]).rpartition("/")[2]
        self.group = f"/aws-glue/crawlers-role/{role}-{security}" if security else "/aws-glue/crawlers"
        self.stream = str(crawler["Name"])
        self._crawl_id = crawl_id

    def info(self, message: str) -> None:
        """Write a line."""
        streams.write(self.group, self.stream, f"[{self._crawl_id}] INFO : {message}")

    def error(self, message: str) -> None:
        """Write a line about what failed."""
        streams.write(self.group, self.stream, f"[{self._crawl_id}] ERROR : {message}")
