# SPDX-License-Identifier: Apache-2.0
"""AWS's ``GlueContext`` on a JVM whose Glue classes are ours."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import awsglue
from glue_jvm import GlueView, install

install()


def _aws_context() -> ModuleType:
    """Import AWS's module of the same name, which this one hides."""
    name = "awsglue._aws_context"
    file = Path(list(awsglue.__path__)[-1]) / "context.py"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec and spec.loader  # noqa: S101 - a file that is there
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


_aws = _aws_context()
register = _aws.register


class GlueContext(_aws.GlueContext):  # type: ignore[misc, name-defined]
    """AWS's class; what it asks of the JVM is answered here."""

    @property
    def _jvm(self) -> Any:
        return GlueView(self._sc._jvm)

    @_jvm.setter
    def _jvm(self, view: Any) -> None:
        """Ignore what PySpark's own constructor sets."""
