# SPDX-License-Identifier: Apache-2.0
"""``python with_layers.py WORKER``: run a function's worker with the programs of its layers.

Lambda unpacks layers into ``/opt``, which on this machine is not ours to write. Python packages of layers are
on the worker's path already; this is for programs, such as the AWS CLI that CDK's BucketDeployment starts.
With the standard library alone: it runs in the function's process.
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

_LAYERS = "_LAMBDA_LAYERS_DIRS"  # of ministack; a later layer hides the files of an earlier one
_LAMBDA_PYTHON = "#!/var/lang/bin/python"


def in_layers(path: str, layers: list[str]) -> Path | None:
    """Return the file of a layer that Lambda has at ``path``; None where no layer has it."""
    inside = path.removeprefix("/opt/")
    if inside == path:
        return None
    files = (Path(layer) / inside for layer in reversed(layers))
    return next((file for file in files if file.is_file()), None)


def command_of(words: list[str], layers: list[str]) -> list[str]:
    """Return a command whose program is found, and can be started, outside of ``/opt``."""
    file = in_layers(str(words[0]), layers)
    if file is None:
        return words
    with file.open("rb") as content:
        first_line = content.readline(200).decode(errors="replace")
    if first_line.startswith(_LAMBDA_PYTHON):
        return [sys.executable, str(file), *words[1:]]
    file.chmod(0o755)  # a zip file that is unpacked by Python loses that
    return [str(file), *words[1:]]


class _Popen(subprocess.Popen[Any]):
    def __init__(self, args: Any, *rest: Any, **options: Any) -> None:
        layers = os.environ.get(_LAYERS, "").split(os.pathsep)
        words = list(args) if isinstance(args, (list, tuple)) else None
        super().__init__(command_of(words, layers) if words else args, *rest, **options)


if __name__ == "__main__":
    subprocess.Popen = _Popen  # type: ignore[misc]
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")
