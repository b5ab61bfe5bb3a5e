# SPDX-License-Identifier: Apache-2.0
"""Metrics on their way to CloudWatch: lines in the log group, from which CloudWatch reads them."""

from __future__ import annotations

import logging

from local_cloud.emulator import service
from local_cloud.xray.collector import emf
from local_cloud.xray.collector.settings import EmfSettings, emf_settings

_log = logging.getLogger(__name__)


def receive(body: bytes, content_type: str, host: str) -> None:
    """Take a request for the collector that answers for ``host``.

    Raises
    ------
    MalformedRequestError
        The body cannot be read.
    """
    settings = emf_settings(host) if host else None
    if settings is None:
        return
    for line in emf.lines(emf.parse(body, content_type), namespace=settings.namespace):
        _write(settings, line)


def _write(settings: EmfSettings, line: emf.Line) -> None:
    """Append a line; the group must be there: a collector's role may have no right to make one."""
    logs = service("cloudwatch_logs")
    group = logs._log_groups.get(settings.log_group)
    if group is None:
        _log.warning("Collector: metrics were dropped, there is no log group %s", settings.log_group)
        return
    if settings.log_stream not in group["streams"]:
        logs._create_log_stream({"logGroupName": settings.log_group, "logStreamName": settings.log_stream})
    event = {"timestamp": line["_aws"]["Timestamp"], "message": emf.text(line)}
    request = {"logGroupName": settings.log_group, "logStreamName": settings.log_stream, "logEvents": [event]}
    logs._put_log_events(request)
