# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, each explained in one sentence: the object, the cause, the next step.

Glue shows ``<class name>: <message>`` as the error of a run, so that both are written for people.
"""

from __future__ import annotations


class ArgumentsError(ValueError):
    """The job was started with arguments that it cannot use."""


class InputError(Exception):
    """The input cannot be read as what its name says; nothing was written."""


class SchemaError(InputError):
    """The input lacks columns that the job needs, or has one of them twice."""


class ConservationError(Exception):
    """Rows went in that did not come out, or came out twice."""


class JobError(Exception):
    """Spark or the storage failed; the cause is chained."""
