# SPDX-License-Identifier: Apache-2.0
"""Which notifications are S3's, and which of those are about an upload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CREATED = "ObjectCreated:"  # Put, Post, Copy and CompleteMultipartUpload follow the colon
CREATED_ON_BRIDGE = "Object Created"
# "Supported event types for SQS, SNS, and Lambda" and "Using EventBridge", Amazon S3 user guide
NO_UPLOAD = (
    "IntelligentTiering", "LifecycleExpiration:", "LifecycleTransition", "ObjectAcl:", "ObjectAnnotation:",
    "ObjectRemoved:", "ObjectRestore:", "ObjectTagging:", "ReducedRedundancyLostObject", "Replication:",
)  # fmt: skip
NO_UPLOAD_ON_BRIDGE = (
    "Object ACL Updated", "Object Access Tier Changed", "Object Deleted", "Object Restore Completed",
    "Object Restore Expired", "Object Restore Initiated", "Object Storage Class Changed",
    "Object Tags Added", "Object Tags Deleted",
)  # fmt: skip


class EventError(ValueError):
    """An event, or a record of one, that S3 would not send: it cannot name an object."""


def is_notification(event: Mapping[str, Any]) -> bool:
    """Return whether this is one record of S3, or one of its events on EventBridge."""
    return "s3" in event or event.get("eventSource") == "aws:s3" or event.get("source") == "aws.s3"


def is_creation(notification: Mapping[str, Any]) -> bool:
    """Return whether a notification is about a new object version.

    Raises
    ------
    EventError
        When it is not known to be of another kind, such as a removal, a restore or a tag: an upload under a
        name that is new to us must not be passed over.
    """
    kind, on_bridge = _kind(notification), is_on_bridge(notification)
    if kind == CREATED_ON_BRIDGE if on_bridge else kind.startswith(CREATED):
        return True
    if kind in NO_UPLOAD_ON_BRIDGE if on_bridge else kind.startswith(NO_UPLOAD):
        return False
    raise EventError(f"A notification is of the kind {kind!r}, of which nobody knows whether it is an upload")


def is_on_bridge(notification: Mapping[str, Any]) -> bool:
    """Return whether EventBridge brings it."""
    return "detail-type" in notification


def _kind(notification: Mapping[str, Any]) -> str:
    name = "detail-type" if is_on_bridge(notification) else "eventName"
    return str(notification.get(name, "")).removeprefix("s3:")
