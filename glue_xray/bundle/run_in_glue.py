# SPDX-License-Identifier: Apache-2.0
"""The script of a deployed job whose own script runs traced and unchanged. It stands alone on S3.

It gets one argument, which the job's script does not see: where that script is, and settings of
``xray_helper``::

    --glue_xray "s3://bucket/orders.py --traces=on --worker_type=G.1X"

Edit the script there; ``glue-xray detach JOB`` puts it back into the place of this one.

The settings have no arguments of their own, for ``argparse`` takes abbreviations: a script with
``--metrics_table`` would take our ``--metrics on`` for it. What the job and its run are given wins over them.
``--library=s3://bucket/library.zip`` is the library, where ``--extra-py-files`` does not bring it;
``--script_name=orders.py`` what to call a script that S3 has under another name.
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
_LIBRARY, _NAME = "library", "script_name"
_SCHEME = "s3://"


def main() -> None:
    """Run the job's script; what it raises comes out, ``SystemExit`` too."""
    uri, *line = shlex.split(_taken())
    options = dict(word[2:].partition("=")[::2] for word in line if word.startswith("--"))
    folder = Path(tempfile.mkdtemp(prefix="glue-xray-"))
    script = _fetched(uri, folder, options.pop(_NAME, ""))
    sys.path.insert(0, str(folder))  # where a script's own folder is; what was first stays behind it
    try:
        command, settings = _prepared(options, script, folder)
    except Exception as error:  # whatever is wrong with the library, the job is more important
        print(f"glue-xray: the job runs untraced: {type(error).__name__}: {error}", file=sys.stderr)
        sys.argv[0] = str(script)
        runpy.run_path(str(script), run_name="__main__")
    else:
        command.run(settings)


def _taken() -> str:
    """Take our argument out of the command line, and return its value."""
    for index, argument in enumerate(sys.argv):
        if argument == ARGUMENT:
            _, value = sys.argv[index : index + 2]
            del sys.argv[index : index + 2]
            return value
        if argument.startswith(f"{ARGUMENT}="):
            del sys.argv[index]
            return argument.partition("=")[2]
    raise SystemExit(
        f"This script runs another one, and {ARGUMENT} does not say which: deploy the job again."
    )


def _fetched(uri: str, folder: Path, name: str = "") -> Path:
    """Fetch a file from S3, under its own name unless another is given."""
    import boto3

    bucket, _, key = uri[len(_SCHEME) :].partition("/")
    target = folder / (name or key).rpartition("/")[2]
    boto3.client("s3").download_file(bucket, key, str(target))
    return target


def _prepared(options: dict[str, str], script: Path, folder: Path) -> tuple[Any, Any]:
    """Import the library, and return the command that runs the script, with its settings.

    The job's own packages come first, as they do untraced. Only where one of them is too old for the library
    are the library's taken.
    """
    if _LIBRARY not in options:
        return _imported(options, script)
    library = str(_fetched(options[_LIBRARY], folder))
    known = set(sys.modules)
    sys.path.append(library)
    try:
        return _imported(options, script)
    except Exception:
        _forget(library, known)
        sys.path.insert(0, library)
        try:
            return _imported(options, script)
        finally:
            sys.path.remove(library)


def _imported(options: dict[str, str], script: Path) -> tuple[Any, Any]:
    """Import all that the run will need: what is missing shows here, before the script has begun."""
    import xray_helper.run.line_steps
    import xray_helper.run.watch
    import xray_helper.session  # noqa: F401
    from xray_helper.run.command import Command
    from xray_helper.settings import Settings

    given = [f"--{name}={value}" for name, value in {"aws_calls": "on", **options}.items()]
    settings = Settings.from_arguments([*given, *sys.argv[1:]], job_name=script.stem)  # the last one wins
    return Command(options, str(script), sys.argv[1:]), settings


def _forget(library: str, known: set[str]) -> None:
    """Drop the packages of the library that were just imported, from wherever."""
    with zipfile.ZipFile(library) as archive:
        names = {name.partition("/")[0].partition(".")[0] for name in archive.namelist()}
    for module in set(sys.modules) - known:
        if module.partition(".")[0] in names:
            del sys.modules[module]


if __name__ == "__main__":
    main()
