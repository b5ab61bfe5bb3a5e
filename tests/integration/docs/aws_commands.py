# SPDX-License-Identifier: Apache-2.0
"""Commands of the AWS CLI, against the service models of botocore.

The CLI names operations and parameters after the model (``ListExecutions`` is ``list-executions``); the
commands of ``aws s3`` are its own. Source: "Command structure in the AWS CLI", AWS CLI User Guide.
"""

from __future__ import annotations

import botocore.session
import jmespath
from botocore import xform_name

GLOBAL = {"--query", "--output", "--region", "--profile", "--cli-binary-format"}  # all with a value
S3_CP = {"--recursive": False, "--exclude": True, "--include": True, "--metadata": True}  # with a value?
OUTFILE = {("lambda", "invoke")}  # the answer's body goes to a file, a positional argument


def check(arguments: list[str]) -> None:
    """Fail unless the CLI would take these arguments."""
    service, operation, *rest = arguments
    if (service, operation) == ("s3", "cp"):
        _check_s3_cp(rest)
        return
    model = botocore.session.get_session().get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    assert operation in operations, f"{service} has no operation {operation}"
    members = model.operation_model(operations[operation]).input_shape.members
    known = {f"--{xform_name(name, '-')}" for name in members} | GLOBAL
    while rest:
        option = rest.pop(0)
        if not option.startswith("--") and (service, operation) in OUTFILE:
            continue
        assert option in known, f"{service} {operation} has no parameter {option}"
        assert rest, f"{option} has no value"
        value = rest.pop(0)
        if option == "--query":
            jmespath.compile(value)


def _check_s3_cp(rest: list[str]) -> None:
    paths = []
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            paths.append(word)
            continue
        assert word in S3_CP, f"s3 cp has no parameter {word}"
        if S3_CP[word]:
            rest.pop(0)
    assert len(paths) == 2
    assert any(path.startswith("s3://") for path in paths)
