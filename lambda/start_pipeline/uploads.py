# SPDX-License-Identifier: Apache-2.0
"""The data sets that an event tells of, and what of the event could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from data_layout.datasets import FolderMarker, NotADataSet, dataset_of
from start_pipeline.envelopes import messages_of, notifications
from start_pipeline.event_kinds import EventError, is_creation
from start_pipeline.execution import execution_name
from start_pipeline.json_log import log
from start_pipeline.object_version import ObjectVersion
from start_pipeline.s3_events import object_version
from xray_common.json_lines import fields


@dataclass
class Upload:
    """A version of a data set, and the ids of the SQS messages that told of it."""

    version: ObjectVersion
    messages: set[str] = field(default_factory=set)


@dataclass
class Uploads:
    """What is to be started, and what failed.

    Attributes
    ----------
    by_name
        Uploads by the name of their execution, in the event's order, each once.
    messages, failed_messages
        Ids of SQS messages; none in an event that is not a batch of SQS.
    failures
        In the order in which they happened.
    """

    by_name: dict[str, Upload] = field(default_factory=dict)
    messages: set[str] = field(default_factory=set)
    failed_messages: set[str] = field(default_factory=set)
    failures: list[Exception] = field(default_factory=list)

    def fail(self, error: Exception, messages: Iterable[str]) -> None:
        """Note a failure, and which messages have to be tried again for it."""
        self.failures.append(error)
        self.failed_messages.update(messages)


def read_uploads(event: object) -> Uploads:
    """Read an event. What is no upload is passed over and logged; what cannot be told is a failure."""
    uploads = Uploads()
    for message in messages_of(event):
        ids = set() if message.id is None else {message.id}
        uploads.messages |= ids
        unreadable: list[EventError] = []
        for notification in notifications(message.content, unreadable):
            try:
                version = _data_set(notification)
            except EventError as error:
                unreadable.append(error)
                continue
            if version is not None:
                name = execution_name(version)
                uploads.by_name.setdefault(name, Upload(version)).messages.update(ids)
        for failure in unreadable:
            log.error("A part of the event cannot be read. %s.", failure, extra=fields(message_id=message.id))
            uploads.fail(failure, ids)
    return uploads


def _data_set(notification: Mapping[str, Any]) -> ObjectVersion | None:
    """Return the object that a notification tells of; None, and a line in the log, where it is no data set.

    Raises
    ------
    EventError
        When it cannot be read.
    """
    if not is_creation(notification):
        kind = notification.get("eventName", notification.get("detail-type"))
        log.info("Passed over: no new object.", extra=fields(event_name=kind))
        return None
    version = object_version(notification)
    try:
        dataset_of(version.key)
    except FolderMarker as reason:
        log.info("Passed over. %s", reason, extra=fields(object=version.uri))
    except NotADataSet as reason:
        log.warning("No execution is started. %s", reason, extra=fields(object=version.uri))
    else:
        return version
    return None
