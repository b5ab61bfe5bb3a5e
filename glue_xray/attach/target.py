# SPDX-License-Identifier: Apache-2.0
"""Which jobs can be attached, and what Python they run."""

from __future__ import annotations

from typing import Final

from glue_xray import bundle
from glue_xray.attach.change import script_location
from glue_xray.attach.definition import Definition
from glue_xray.attach.errors import AttachError

SHELL: Final = "pythonshell"
_SPARK: Final = "glueetl"
_OTHER_KINDS: Final = {
    "gluestreaming": "it is a streaming job, whose one run never ends, and a trace is that of a run",
    "glueray": "it is a Ray job",
}


def python_of(definition: Definition) -> str:
    """Return the version of a job's Python.

    Raises
    ------
    AttachError
        The job is of a kind that cannot be attached.

    Examples
    --------
    >>> python_of({"Command": {"Name": "glueetl", "ScriptLocation": "s3://b/a.py"}, "GlueVersion": "5.0"})
    '3.11'
    """
    command = definition.get("Command") or {}
    kind = command.get("Name", "")
    if kind not in (_SPARK, SHELL):
        raise AttachError(f"{_OTHER_KINDS.get(kind, f'it is a job of kind {kind!r}')}: not supported")
    _check_script(definition)
    try:
        return bundle.python_of(kind, definition.get("GlueVersion"), command.get("PythonVersion"))
    except ValueError as error:
        raise AttachError(str(error)) from None


def _check_script(definition: Definition) -> None:
    location = script_location(definition)
    language = (definition.get("DefaultArguments") or {}).get("--job-language", "python")
    if definition.get("JobMode") == "VISUAL" or definition.get("CodeGenConfigurationNodes"):
        raise AttachError(
            "it is a visual job, whose script Glue Studio writes anew: convert it to a script there first"
        )
    if language != "python" or location.endswith(".scala"):
        raise AttachError("its script is Scala: Python alone is supported")
    if not location.startswith("s3://"):
        raise AttachError(f"its script {location!r} is not on S3")
