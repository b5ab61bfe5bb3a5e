# SPDX-License-Identifier: Apache-2.0
"""The traces of the unit tests."""

from tests.unit.trace_viewer.conftest import data, failed, hostile, large, pipeline

__all__ = ["data", "failed", "hostile", "large", "pipeline"]
