# SPDX-License-Identifier: Apache-2.0
"""Values of the CDK context, one check per kind: a ValueError names the value and the choices."""

from __future__ import annotations

import re

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
_ZONES = re.compile(r"[a-z0-9-]+[a-z](,[a-z0-9-]+[a-z])+")
_KEY_ARN = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f-]{36})")


def typed(name: str, value: object, kind: type) -> object:
    """``-c name=value`` on the command line arrives as text, a value of cdk.json as what it is."""
    try:
        return kind(str(value))
    except ValueError:
        raise ValueError(
            f"The context value {name}={value!r} is not a number; give one, for example -c {name}=2."
        ) from None


def one_of(name: str, value: object, choices: tuple[object, ...]) -> None:
    """Refuse a value that is none of the choices."""
    if value not in choices:
        listed = ", ".join(str(choice) for choice in choices)
        raise ValueError(f"The context value {name}={value} is not known; choose one of {listed}.")


def between(name: str, value: float, low: float, high: float) -> None:
    """Refuse a number outside of a range."""
    if not low <= value <= high:
        raise ValueError(f"The context value {name}={value} is out of range; give {low} to {high}.")


def a_stack_name(name: str) -> None:
    """Refuse what CloudFormation takes for no name."""
    if not _STACK_NAME.fullmatch(name):
        raise ValueError(
            f"The context value stack_name={name} is no stack name; give letters, digits and hyphens, a "
            "letter first, 64 at most."
        )


def some_zones(zones: str) -> None:
    """Refuse what names no two Availability Zones."""
    if zones != "any" and not _ZONES.fullmatch(zones):
        raise ValueError(
            f"The context value zones={zones} names no two zones; give, for example, "
            "us-east-1a,us-east-1b, or any."
        )


def an_address(name: str, value: str) -> None:
    """Refuse what is no e-mail address."""
    if value != "none" and not _EMAIL.fullmatch(value):
        raise ValueError(f"The context value {name}={value} is no e-mail address; give one, or none.")


def a_key(name: str, value: str) -> None:
    """Refuse what is no KMS key."""
    if value not in ("own", "none") and not _KEY_ARN.fullmatch(value):
        raise ValueError(
            f"The context value {name}={value} is no key; give own, none, or the ARN of a key "
            "(arn:aws:kms:REGION:ACCOUNT:key/ID)."
        )
