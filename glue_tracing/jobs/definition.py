# SPDX-License-Identifier: Apache-2.0
"""A job's definition, read and changed as CloudFormation will see it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import aws_cdk as cdk
import aws_cdk.aws_glue as glue
from constructs import IConstruct

from glue_xray.bundle import python_of

PACKAGES: Final = "--extra-py-files"
_ASSET: Final = re.compile(r"/[0-9a-f]{64}(\.\w+)\"")
_SHELL: Final = "pythonshell"
_SHELL_PYTHON: Final = "3.9"
_NEWEST_GLUE: Final = "6.0"
_LANGUAGES: Final = ("glueetl", "gluestreaming", _SHELL)


class UntraceableError(Exception):
    """Why a job cannot be traced, in one sentence."""


class JobDefinition:
    """The definition of a Glue job.

    Parameters
    ----------
    job
        ``CfnJob``, or a construct around one, as those of ``aws_glue`` are.

    Attributes
    ----------
    resource
        The ``CfnJob`` itself.

    Raises
    ------
    ValueError
        There is no ``CfnJob``.
    """

    def __init__(self, job: IConstruct) -> None:
        found = job if isinstance(job, glue.CfnJob) else job.node.default_child
        if not isinstance(found, glue.CfnJob):
            raise ValueError(f"{job.node.path} is no Glue job; give a CfnJob, or a construct around one.")
        self.resource = found
        self._stack = cdk.Stack.of(found)
        self._command: dict[str, Any] = self._resolved("command", found.command)

    @property
    def command(self) -> str:
        """The kind of job: ``glueetl``, ``gluestreaming`` or ``pythonshell``.

        Raises
        ------
        UntraceableError
            It runs no Python, or nobody knows before it is deployed.
        """
        name = self._command.get("name")
        arguments = {**self._arguments(False), **self._arguments(True)}
        if name not in _LANGUAGES or arguments.get("--job-language") == "scala":
            raise UntraceableError(f"it runs no Python (its command is {name!r}); only Python is traced")
        return str(name)

    @property
    def python(self) -> str:
        """The Python that it has; versions that are known at deployment only count as the newest.

        Raises
        ------
        UntraceableError
            It runs no Python.
        ValueError
            The library does not run there.
        """
        glue_version, version = self.resource.glue_version, self._command.get("pythonVersion")
        if glue_version is not None and cdk.Token.is_unresolved(glue_version):
            glue_version = _NEWEST_GLUE
        return python_of(self.command, glue_version, _SHELL_PYTHON if isinstance(version, dict) else version)

    @property
    def name(self) -> str:
        """What people call it: its name, else that of its construct."""
        node = self.resource.node
        around = node.scope.node.id if node.id == "Resource" and node.scope is not None else node.id
        return self.resource.name or around

    @property
    def script(self) -> str:
        """Where its script is.

        Raises
        ------
        UntraceableError
            It has none.
        """
        place = self._command.get("scriptLocation")
        if not place:
            raise UntraceableError("its command has no script location")
        return cdk.Token.as_string(place)

    @property
    def script_name(self) -> str | None:
        """What to call the script where S3 has it under the hash of its content; None: as it is there."""
        found = _ASSET.search(json.dumps(self._command.get("scriptLocation")))
        return f"{self.name}{found[1]}" if found else None

    @property
    def size(self) -> dict[str, str]:
        """Workers as settings of the library; empty where the job counts in other units."""
        job = self.resource
        found = {"worker_type": job.worker_type, "number_of_workers": job.number_of_workers}
        return {
            name: cdk.Token.as_string(value) if cdk.Token.is_unresolved(value) else _text(value)
            for name, value in found.items()
            if value is not None
        }

    @property
    def is_connected(self) -> bool:
        """Whether it runs in a VPC of its own choice."""
        return bool(self._stack.resolve(self.resource.connections))

    def connect(self, connection: str) -> None:
        """Let the job run in the VPC of a Glue connection."""
        self.resource.connections = glue.CfnJob.ConnectionsListProperty(connections=[connection])

    def run(self, script: str) -> None:
        """Let the job run another script."""
        self.resource.command = glue.CfnJob.JobCommandProperty(
            name=self._command["name"],
            script_location=script,
            python_version=self._command.get("pythonVersion"),
            runtime=self._command.get("runtime"),
        )

    def add_arguments(self, arguments: Mapping[str, str], *, overridable: bool = True) -> None:
        """Add arguments; those that the job has already stay as they are."""
        self._set(overridable, {**arguments, **self._arguments(overridable)})

    def add_packages(self, uri: str, *, overridable: bool = True) -> None:
        """Add a file to ``--extra-py-files``, behind those that are there, wherever these stand."""
        place = overridable if PACKAGES not in self._arguments(not overridable) else not overridable
        arguments = self._arguments(place)
        given = arguments.get(PACKAGES)
        files = uri if not given else cdk.Fn.join(",", [cdk.Token.as_string(given), uri])
        self._set(place, {**arguments, PACKAGES: files})

    def _arguments(self, overridable: bool) -> dict[str, Any]:
        job = self.resource
        given = job.default_arguments if overridable else job.non_overridable_arguments
        return self._resolved("arguments", given or {})

    def _set(self, overridable: bool, arguments: dict[str, Any]) -> None:
        if overridable:
            self.resource.default_arguments = arguments
        else:
            self.resource.non_overridable_arguments = arguments

    def _resolved(self, what: str, value: object) -> dict[str, Any]:
        """Return a property as CloudFormation gets it, intrinsic functions inside of it as they are."""
        resolved: dict[str, Any] = self._stack.resolve(value)
        if any(name == "Ref" or name.startswith("Fn::") for name in resolved):
            raise UntraceableError(f"its {what} are known at deployment only; write them out in the app")
        return resolved


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) else str(value)
