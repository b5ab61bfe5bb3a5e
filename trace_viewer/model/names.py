# SPDX-License-Identifier: Apache-2.0
"""Names of spans, as short as a reader needs them."""

from __future__ import annotations

import re

from xray_common.ids import is_trace_id

_W3C_TRACE_ID = re.compile(r"([0-9a-f]{8})([0-9a-f]{24})")
_GENERATED = re.compile(r"(?:.+-)?([A-Za-z][A-Za-z0-9]*?)[0-9A-F]{8}-[A-Za-z0-9]{12,13}")
_SPARK = re.compile(r"(Spark (?:SQL|job|stage|task|executor)) \d+(?:: (\S+))?(?: at (\S+))?(.*)")
_PLACE = re.compile(r"[^/]+:\d+")  # file:line at the end of a path


def xray_trace_id(text: str) -> str:
    """Return a trace id as X-Ray writes it, also one that OpenTelemetry wrote; empty for any other text.

    Example
    -------
    >>> xray_trace_id("5759E988bd862e3fe1be46a994272793"), xray_trace_id("foo")
    ('1-5759e988-bd862e3fe1be46a994272793', '')
    """
    lowered = text.strip().lower()
    w3c = _W3C_TRACE_ID.fullmatch(lowered)
    found = f"1-{w3c[1]}-{w3c[2]}" if w3c else lowered
    return found if is_trace_id(found) else ""


def short_name(name: str) -> str:
    """Return the readable part of a name that CloudFormation made up, other names as they are.

    CDK's logical ids end in eight hexadecimal digits, and CloudFormation puts the stack before them and
    twelve or thirteen random characters behind. A Spark span loses the folders of its call site.

    Example
    -------
    >>> short_name("MyStack-IngestionFunctionB3E723CC-A34BBC938013"), short_name("orders-api")
    ('IngestionFunction', 'orders-api')
    """
    made_up = _GENERATED.fullmatch(name)
    return made_up[1] if made_up else short_spark_name(name)


def short_spark_name(name: str) -> str:
    """Return the name of a Spark span without the folders of its call site; other names as they are.

    Example
    -------
    >>> short_spark_name("Spark job 4: collect at /tmp/glue/transforms/medians.py:31")
    'Spark job 4: collect at medians.py:31'
    """
    found = _SPARK.fullmatch(name)
    if not found or not found[3]:
        return name
    place = _PLACE.fullmatch(found[3].rpartition("/")[2])
    head = name[: name.index(" at ")]
    return f"{head} at {place[0]}" if place else head


def unnumbered(name: str) -> str:
    """Return a name that two runs share: Spark numbers what it runs, and paths differ by run.

    Example
    -------
    >>> unnumbered("Spark job 4: collect at /tmp/a/medians.py:31"), unnumbered("Read Data")
    ('Spark job: collect', 'Read Data')
    """
    found = _SPARK.fullmatch(name)
    return ": ".join(part for part in (found[1], found[2]) if part) if found else name
