# SPDX-License-Identifier: Apache-2.0
"""One version of one object, as S3 names it in its notifications."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property


@dataclass(frozen=True, kw_only=True)
class ObjectVersion:
    """One version of one object, as one notification names it.

    Attributes
    ----------
    bucket, key
        Where the object is. The key is decoded: what a caller of GetObject would pass.
    version_id
        ``None`` when the bucket is not versioned.
    etag
        Hash of the content as S3 reports it, without quotes.
    sequencer
        Hexadecimal; grows with each change of the same key, and is the same in a second delivery.
    event_time
        When S3 finished the request, UTC.
    """

    bucket: str
    key: str
    version_id: str | None
    etag: str
    sequencer: str
    event_time: datetime

    @cached_property
    def digest(self) -> str:
        """64 hexadecimal digits that are the same for every delivery of this version, and for no other.

        A JSON array keeps the parts apart: no two lists of parts give the same text.
        """
        content = ["etag", self.etag] if self.version_id is None else ["version", self.version_id]
        parts = json.dumps([self.bucket, self.key, *content, self.sequencer])
        return hashlib.sha256(parts.encode()).hexdigest()

    @property
    def uri(self) -> str:
        """The object for people: ``s3://bucket/key``, nothing encoded."""
        return f"s3://{self.bucket}/{self.key}"
