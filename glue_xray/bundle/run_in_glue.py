# SPDX-License-Identifier: Apache-2.0
"""The script of a deployed job whose own script runs traced and unchanged. It stands alone on S3.

It gets one argument, which the job's script does not see: where that script is, and settings of
``xray_helper``::

    --glue_xray "s3://bucket/orders.py --traces=on --worker_type=G.1X"

The settings have no arguments of their own, for ``argparse`` takes abbreviations: a script with
``--metrics_table`` would take our ``--metrics on`` for it. What the job and its run are given wins over them.
``--library=s3://bucket/library.zip`` is the library, where ``--extra-py-files`` does not bring it.
"""

from __future__ import annotations

import logging
import runpy
import shlex
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

ARGUMENT = "--glue_xray"
_LIBRARY = "library"


def main() -> None:
    """Run the job's script; what it raises comes out, ``SystemExit`` too."""
    uri, *line = shlex.split(_taken())
    options = dict(option[2:].split("=", 1) for option in line)
    script = _fetched(uri)
    try:
        if _LIBRARY in options:
            sys.path.insert(1, str(_fetched(options.pop(_LIBRARY))))
        from xray_helper.run.command import Command
        from xray_helper.settings import Settings

        given = [f"--{name}={value}" for name, value in options.items()]
        settings = Settings.from_arguments([*given, *sys.argv[1:]], job_name=script.stem)
        command = Command(options, str(script), sys.argv[1:])
    except Exception:  # whatever is wrong with the library, the job is more important
        logging.getLogger("xray_helper").warning("The job runs untraced.", exc_info=True)
        sys.argv[0], sys.path[0] = str(script), str(script.parent)
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


def _fetched(uri: str) -> Path:
    """Fetch a file from S3, under its own name."""
    import boto3

    bucket, key = urlsplit(uri).netloc, urlsplit(uri).path.lstrip("/")
    target = Path(tempfile.mkdtemp(prefix="glue-xray-")) / Path(key).name
    boto3.client("s3").download_file(bucket, key, str(target))
    return target


if __name__ == "__main__":
    main()
