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
from tests.spark.xray_helper.environment import ON_CLUSTER
from tests.spark.xray_helper.scenery import LEFT_OUT, PIPELINES

_REGISTERING = (
    concurrent_pipelines,
    failing_pipelines,
    lazy_pipelines,
    pipelines,
    script_pipelines,
    task_pipelines,
    unshown_pipelines,
)
# About plans and lines of a script, which the driver knows before an executor hears of them.
_OF_THE_DRIVER = {module.__name__ for module in (lazy_pipelines, script_pipelines, unshown_pipelines)}
if ON_CLUSTER:
    for _name in [name for name, one in PIPELINES.items() if one.run.__module__ in _OF_THE_DRIVER]:
        del PIPELINES[_name]
        LEFT_OUT[_name] = "the driver's own affair, as on local"
_MODULES = {module.__name__ for module in _REGISTERING}
# Other tests of the same process register others.
NAMES = [name for name, one in PIPELINES.items() if one.run.__module__ in _MODULES]
