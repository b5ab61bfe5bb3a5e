# SPDX-License-Identifier: Apache-2.0
"""Runs the script of an AWS Glue job as it is, traced. `glue-xray attach` put this in the script's place.

The job's own script is at the location that the job's argument --glue_xray begins with; edit it there.
`glue-xray detach JOB` puts it back. Where the library cannot be had, the script runs untraced.
"""

from __future__ import annotations

import runpy
import shlex
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

ARGUMENT = "--glue_xray"


def main() -> None:
    """Fetch the script and the library, and run the one inside of the other."""
    value, own = without_mark(sys.argv[1:])
    location, *words = shlex.split(value)
    folder = tempfile.mkdtemp(prefix="glue-xray-")
    script = fetch(location, folder)
    sys.path.insert(0, folder)  # where Python has a script's own folder; what was first stays behind it
    options = [word for word in words if word.startswith("--")]
    try:
        command, settings = prepare(folder, script, options, own)
    except Exception as error:  # whatever it is, the job goes on
        print(f"glue-xray: the script runs untraced: {type(error).__name__}: {error}", file=sys.stderr)
        sys.argv = [script, *own]
        runpy.run_path(script, run_name="__main__")
    else:
        command.run(settings)


def without_mark(arguments: list[str]) -> tuple[str, list[str]]:
    """Split the job's arguments: the value that attaching added, and those that the script knows.

    Raises
    ------
    SystemExit
        There is no such value.
    """
    for index, word in enumerate(arguments[:-1]):
        if word == ARGUMENT:
            return arguments[index + 1], arguments[:index] + arguments[index + 2 :]
    raise SystemExit(f"glue-xray: the job has no argument {ARGUMENT}: run `glue-xray attach` again")


def fetch(location: str, folder: str) -> str:
    """Download an object under its own name; return the file."""
    import boto3

    bucket, _, key = location[len("s3://") :].partition("/")
    file = Path(folder) / key.rpartition("/")[2]
    file.write_bytes(boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    return str(file)


def prepare(folder: str, script: str, options: list[str], own: list[str]) -> tuple[Any, Any]:
    """Import the library, and return the command that runs the script, with its settings.

    The job's own packages come first, as they do without tracing. Only where one of them is too old for the
    library are the library's taken.
    """
    given = dict(word[2:].partition("=")[::2] for word in options)
    library = fetch(given["library"], folder)
    known = set(sys.modules)
    sys.path.append(library)
    try:
        return load(script, given, options, own)
    except Exception:
        forget(library, known)
        sys.path.insert(0, library)
        try:
            return load(script, given, options, own)
        finally:
            sys.path.remove(library)


def load(script: str, given: dict[str, str], options: list[str], own: list[str]) -> tuple[Any, Any]:
    """Import all that the run will need: what is missing shows here, before the script has begun."""
    import xray_helper.run.line_steps
    import xray_helper.run.watch
    import xray_helper.session  # noqa: F401
    from xray_helper.run.command import Command
    from xray_helper.settings import Settings

    settings = Settings.from_arguments(["--aws_calls=on", *options, *own])  # the last one wins
    steps = {name: given[name] for name in ("steps",) if name in given}
    return Command(steps, script, own), settings


def forget(library: str, known: set[str]) -> None:
    """Drop the packages of the library that were just imported, from wherever."""
    with zipfile.ZipFile(library) as archive:
        names = {name.partition("/")[0].partition(".")[0] for name in archive.namelist()}
    for module in set(sys.modules) - known:
        if module.partition(".")[0] in names:
            del sys.modules[module]


if __name__ == "__main__":
    main()
