# SPDX-License-Identifier: Apache-2.0
"""All pipelines of the truth test; they register themselves."""

from tests.spark.xray_helper import (
    concurrent_pipelines,
    failing_pipelines,
    lazy_pipelines,
    pipelines,
    script_pipelines,
    task_pipelines,
    unshown_pipelines,
)
from tests.spark.xray_helper.scenery import PIPELINES

_REGISTERING = (
    concurrent_pipelines,
    failing_pipelines,
    lazy_pipelines,
    pipelines,
    script_pipelines,
    task_pipelines,
    unshown_pipelines,
)
_MODULES = {module.__name__ for module in _REGISTERING}
# Other tests of the same process register others.
NAMES = [name for name, one in PIPELINES.items() if one.run.__module__ in _MODULES]
