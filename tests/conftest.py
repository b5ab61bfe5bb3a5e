# SPDX-License-Identifier: Apache-2.0
"""What all tests share."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import botocore.session
import pytest
from botocore.loaders import create_loader


@pytest.fixture(scope="session", autouse=True)
def _models_are_read_once() -> Iterator[None]:
    """Let all sessions of the AWS SDK read a service's model once: of a new client's time, nine tenths."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", functools.cache(create_loader))
        yield
