# SPDX-License-Identifier: Apache-2.0
"""Holds what a stand-in answers against the output shapes that botocore knows: the model AWS publishes.

botocore checks requests by itself and reads answers leniently: a member of the wrong type or with a misspelt
name is passed over without a word. Here it is a violation.
"""

from __future__ import annotations

from typing import Any, Final

from botocore.model import OperationModel, Shape

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),  # the JSON protocols send seconds since the epoch
    "blob": (str,),  # base64
}


def answer_violations(operation: OperationModel, body: Any) -> list[str]:
    """List where the JSON body of an answer differs from the operation's output shape."""
    if operation.output_shape is None:
        return [] if not body else [f"{operation.name} answers something, and should not"]
    return list(_violations(operation.output_shape, body, operation.name))


def _violations(shape: Shape, value: Any, place: str) -> list[str]:
    if shape.type_name == "structure":
        return _structure(shape, value, place)
    if shape.type_name == "list":
        if not isinstance(value, list):
            return [f"{place} is {type(value).__name__}, not a list"]
        return [
            text
            for index, item in enumerate(value)
            for text in _violations(shape.member, item, f"{place}[{index}]")
        ]
    if shape.type_name == "map":
        if not isinstance(value, dict):
            return [f"{place} is {type(value).__name__}, not a map"]
        return [
            text for key, item in value.items() for text in _violations(shape.value, item, f"{place}.{key}")
        ]
    return _scalar(shape, value, place)


def _structure(shape: Any, value: Any, place: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{place} is {type(value).__name__}, not a structure"]
    known = {member.serialization.get("name", name): member for name, member in shape.members.items()}
    found = [f"{place}.{name} is not in the model" for name in sorted(set(value) - set(known))]
    found += [
        f"{place}.{name} is required and missing" for name in shape.required_members if name not in value
    ]
    for name, member in known.items():
        if value.get(name) is not None:  # JSON's null stands for a member that is not there
            found += _violations(member, value[name], f"{place}.{name}")
    return found


def _scalar(shape: Any, value: Any, place: str) -> list[str]:
    wanted = _TYPES[shape.type_name]
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        return [f"{place} is {type(value).__name__}, not {shape.type_name}"]
    if shape.type_name == "string" and shape.enum and value not in shape.enum:
        return [f"{place} is {value!r}, not one of {shape.enum}" if value else f"{place} is empty"]
    return []
