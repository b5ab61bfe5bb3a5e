# SPDX-License-Identifier: Apache-2.0
"""Annotations (searchable) and metadata of a segment, and its user (the exporter's makeXRayAttributes)."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.semconv._incubating.attributes.enduser_attributes import ENDUSER_ID

from xray_common.conventions import ANNOTATION_KEYS, RESOURCE_PREFIX
from xray_helper.translate.values import Attributes, plain, text

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource

IN_PROGRESS: Final = "aws.xray.inprogress"  # a boolean; true: the segment has not ended yet
METADATA_PREFIX: Final = "aws.xray.metadata."  # + namespace; the value is a JSON object as text
DEFAULT_NAMESPACE: Final = "default"
_MAX_DEPTH: Final = 64  # of a JSON object's nesting


def annotation_key(key: str) -> str:
    """Replace what X-Ray does not allow in an annotation's key by ``_``; dots stay (exporter 0.97 and newer).

    Examples
    --------
    >>> annotation_key("rows-read.total")
    'rows_read.total'
    """
    return "".join(char if (char.isascii() and char.isalnum()) or char == "." else "_" for char in key)


def describe(attributes: Attributes, resource: Resource | None) -> dict[str, Any]:
    """Sort attributes into ``user``, ``annotations`` and ``metadata``.

    Parameters
    ----------
    attributes
        What the other parts of the translator left over.
    resource
        The resource of a segment, stored as ``otel.resource.*``; None for a subsegment, which carries none.
    """
    indexed = _indexed_keys(attributes)
    annotations: dict[str, Any] = {}
    metadata: dict[str, dict[str, Any] | None] = {}
    default: dict[str, Any] = {}
    described = {
        RESOURCE_PREFIX + key: value for key, value in (resource.attributes if resource else {}).items()
    }
    described |= {key: value for key, value in attributes.items() if not _is_used(key, value)}
    for key, value in described.items():
        if key in indexed:
            if isinstance(value, (str, int, float)):  # bool is an int; lists cannot be indexed
                annotations[annotation_key(key)] = value
        elif key.startswith(METADATA_PREFIX) and isinstance(value, str):
            _add_namespace(key, value, metadata, default)
        elif value is not None:
            default[key] = plain(value)
    if default:
        metadata[DEFAULT_NAMESPACE] = default
    return {"user": text(attributes.get(ENDUSER_ID)), "annotations": annotations, "metadata": metadata}


def _is_used(key: str, value: object) -> bool:
    """Return whether an attribute describes the document itself, and so is not part of what it shows."""
    if key == ANNOTATION_KEYS:
        return isinstance(value, (list, tuple))
    return key == ENDUSER_ID or (key == IN_PROGRESS and isinstance(value, bool))


def _indexed_keys(attributes: Attributes) -> frozenset[str]:
    keys = attributes.get(ANNOTATION_KEYS)
    return (
        frozenset(key for key in keys if isinstance(key, str))
        if isinstance(keys, (list, tuple))
        else frozenset()
    )


def _add_namespace(
    key: str, value: str, metadata: dict[str, dict[str, Any] | None], default: dict[str, Any]
) -> None:
    namespace = key.removeprefix(METADATA_PREFIX)
    content = _read_json(value)
    if content is not None and not isinstance(content, dict):
        default[key] = value  # not a JSON object: kept as it came
    elif namespace.lower() == DEFAULT_NAMESPACE:
        default.update(content or {})
    else:
        metadata[namespace] = content


def _read_json(text: str) -> Any:
    """Read JSON; text that is none, or is nested so deep that few can read it, stays text.

    Numbers that JSON does not have (``NaN``, ``1e999``) become text: X-Ray refuses a document with one.
    """
    depth = deepest = 0
    for bracket in re.findall(r"[\[{\]}]", text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > _MAX_DEPTH:
        return text
    try:
        return json.loads(text, parse_constant=str, parse_float=_finite)
    except ValueError:
        return text


def _finite(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits
