# SPDX-License-Identifier: Apache-2.0
"""Glue crawlers that look at the objects and put tables into the catalog, in place of ministack's timer."""

from __future__ import annotations

import contextvars
import logging
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from local_cloud.emulator import ApiError, service
from local_cloud.services.glue.crawlers.crawl import CrawlError, crawl
from local_cloud.services.glue.crawlers.log_lines import CrawlLog
from local_cloud.services.glue.operations import Request, answering

_log = logging.getLogger("local_cloud.services.glue")

#: Called with the crawler after each crawl.
listeners: list[Callable[[dict[str, Any]], None]] = []


def install(*, endpoint: str) -> None:
    """Replace StartCrawler and StopCrawler; the other operations are ministack's.

    Parameters
    ----------
    endpoint
        URL of the AWS APIs, which a crawl calls in the name of the crawler's role.
    """
    glue = service("glue")

    def start(request: Request) -> Any:
        crawler = _crawler(request)
        if crawler["State"] != "READY":
            raise ApiError(
                "CrawlerRunningException", f"Crawler with name {crawler['Name']} has already started"
            )
        crawler.update(State="RUNNING", CrawlElapsedTime=0)
        context = contextvars.copy_context()  # holds the account and the region
        threading.Thread(
            target=context.run, args=(_run, crawler, endpoint), daemon=True, name=f"crawl {crawler['Name']}"
        ).start()
        return {}

    def stop(request: Request) -> Any:
        crawler = _crawler(request)
        if crawler["State"] != "RUNNING":
            code = (
                "CrawlerStoppingException" if crawler["State"] == "STOPPING" else "CrawlerNotRunningException"
            )
            raise ApiError(code, f"Crawler with name {crawler['Name']} is {crawler['State']}")
        crawler["State"] = "STOPPING"
        return {}

    glue._start_crawler = answering(start)
    glue._stop_crawler = answering(stop)


def _crawler(request: Request) -> dict[str, Any]:
    name = request.get("Name", "")
    crawler: dict[str, Any] | None = service("glue")._crawlers.get(name)
    if crawler is None:
        raise ApiError("EntityNotFoundException", f"Crawler entry with name {name} does not exist")
    return crawler


def _run(crawler: dict[str, Any], endpoint: str) -> None:
    """READY -> RUNNING -> STOPPING -> READY; a request to stop counts as long as it is RUNNING."""
    started, crawl_id = time.time(), str(uuid.uuid4())
    log = CrawlLog(crawler, crawl_id)
    last = {"LogGroup": log.group, "LogStream": log.stream, "MessagePrefix": crawl_id, "StartTime": started}
    try:
        finished = crawl(crawler, endpoint=endpoint, log=log, stopped=lambda: crawler["State"] != "RUNNING")
        last["Status"] = "SUCCEEDED" if finished else "CANCELLED"
    except CrawlError as error:
        log.error(str(error))
        last |= {"Status": "FAILED", "ErrorMessage": str(error)}
    except Exception as error:
        _log.exception("The crawl of %s failed in the local cloud itself", crawler["Name"])
        last |= {"Status": "FAILED", "ErrorMessage": f"The local cloud failed to crawl: {error}"}
    crawler["State"] = "STOPPING"
    crawler["CrawlElapsedTime"] = int((time.time() - started) * 1000)
    log.info("Crawler has finished running and is in state READY")
    crawler.update(LastCrawl=last, State="READY")
    for listener in listeners:
        listener(crawler)
