# SPDX-License-Identifier: Apache-2.0
"""Job definitions with every member that AWS's own model has, made from that model."""

from __future__ import annotations

from typing import Any

import botocore.session

# A visual job cannot be attached; of the ways to name a capacity one alone can be sent
_LEFT_OUT = {"CodeGenConfigurationNodes", "AllocatedCapacity", "MaxCapacity"}
_VALUES: dict[str, Any] = {"string": "text", "integer": 7, "double": 2.0, "boolean": True}
_CHOSEN = {
    "Command": {"Name": "glueetl", "ScriptLocation": "s3://assets/jobs/orders.py", "PythonVersion": "3"},
    "GlueVersion": "5.1",
    "JobMode": "SCRIPT",
}


def full_definition() -> dict[str, Any]:
    """Return a definition with every member set."""
    model = botocore.session.get_session().get_service_model("glue")
    members = model.shape_for("JobUpdate").members
    return {name: _value(shape) for name, shape in members.items() if name not in _LEFT_OUT} | _CHOSEN


def _value(shape: Any) -> Any:
    if shape.type_name == "structure":
        return {name: _value(inner) for name, inner in shape.members.items()}
    if shape.type_name == "map":
        return {"--key": _value(shape.value)}
    if shape.type_name == "list":
        return [_value(shape.member)]
    return shape.enum[0] if getattr(shape, "enum", None) else _VALUES[shape.type_name]
