# SPDX-License-Identifier: Apache-2.0
"""One sentence for what the local cloud lacks of Glue's library."""

from __future__ import annotations

from typing import NoReturn


class NotInTheLocalCloudError(NotImplementedError):
    """A script asked for a part of Glue's library that is not here."""


def missing(
    what: str, instead: str = "use a Spark DataFrame for it (toDF), or run the job in AWS"
) -> NoReturn:
    """Raise the sentence.

    Examples
    --------
    >>> missing("format='xml'")
    Traceback (most recent call last):
    glue_jvm.missing.NotInTheLocalCloudError: awsglue: the local cloud has no format='xml'; use a Spark \
DataFrame for it (toDF), or run the job in AWS.
    """
    raise NotInTheLocalCloudError(f"awsglue: the local cloud has no {what}; {instead}.")


class Missing:
    """A Scala class that is not here: any use of it raises.

    Parameters
    ----------
    name
        Of the class.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, method: str) -> NoReturn:
        missing(f"{self._name}.{method}")

    def __call__(self, *arguments: object) -> NoReturn:
        """Raise: nothing of it can be made."""
        missing(self._name)
