# SPDX-License-Identifier: Apache-2.0
"""All pipelines of the truth test; they register themselves."""

from tests.unit.xray_spark import lazy_pipelines, pipelines  # noqa: F401
