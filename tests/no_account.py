# SPDX-License-Identifier: Apache-2.0
"""Whoever runs tests, or one of the programs here, may have an AWS account: none of them gets to know it.

``make verify`` alone is for accounts; it says what it will create, and asks.
"""

from __future__ import annotations

import os


def forget_account() -> None:
    """Have this process, and all that it starts, know neither credentials nor endpoints of the user's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
