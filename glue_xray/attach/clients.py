# SPDX-License-Identifier: Apache-2.0
"""Clients of AWS, with the credentials and the region of the environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import boto3

from glue_xray.attach.errors import sentences


@dataclass(frozen=True)
class Clients:
    """The services that the commands call."""

    glue: Any
    s3: Any
    iam: Any

    @classmethod
    def make(cls) -> Clients:
        """Make them; no call is made.

        Raises
        ------
        AttachError
            No region is set, or there is no such profile.
        """
        with sentences("AWS cannot be reached"):
            session = boto3.Session()
            return cls(*(session.client(name) for name in ("glue", "s3", "iam")))
