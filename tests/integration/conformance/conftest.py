# SPDX-License-Identifier: Apache-2.0
"""The real collector, where it was built."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.build import binary


@pytest.fixture(scope="session")
def otelcol() -> Path:
    """Return the collector's binary, or skip."""
    if not binary().exists():
        pytest.skip(f"there is no collector at {binary()}: run `make collector` (needs Go)")
    return binary()
