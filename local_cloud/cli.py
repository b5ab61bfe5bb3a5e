# SPDX-License-Identifier: Apache-2.0
"""``glue-xray local run [OPTION...] [--] COMMAND...``: run a command against a cloud of its own.

``glue-xray local prepare`` builds, once per installation, what makes Glue jobs start fast.
``python -m local_cloud`` is the same as ``glue-xray local``.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

from local_cloud.cloud import LocalCloud, LocalCloudError
from local_cloud.environment import (
    command_environment,
    default_glue_home,
    own_awsglue,
    own_collector,
    wanted_collector,
)
from local_cloud.processes import STOP_SIGNALS, die_with_parent

_SIGNAL_EXIT = 128  # a shell reports a command that signal N ended as 128 + N


def main(arguments: list[str]) -> int:
    """Run the command line and return the exit code of the user's command."""
    parser = argparse.ArgumentParser(prog="glue-xray local", description="AWS on this machine, emulated.")
    commands = parser.add_subparsers(dest="action", required=True)
    run = commands.add_parser("run", help="start a cloud, run COMMAND in it, stop the cloud")
    run.add_argument("--log", type=Path, help="keep the cloud's log in this file")
    run.add_argument(
        "--wait-scale", type=float, default=1.0, help="factor for Wait states and retry intervals"
    )
    run.add_argument(
        "--real-collector",
        action="store_const",
        const=own_collector(),
        help="run the OpenTelemetry collector that `make collector` built, where one is deployed "
        "(another one: LOCAL_CLOUD_COLLECTOR=FILE)",
    )
    run.add_argument(
        "--part",
        action="append",
        metavar="MODULE",
        help="load an optional part, for example with_airflow.local; may be given more than once",
    )
    run.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND")
    commands.add_parser("prepare", help="build, once, what makes Glue jobs start fast")
    options = parser.parse_args(arguments)
    if options.action == "prepare":
        return _prepare()
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        parser.error("nothing to run: name a command after 'run --'")
    try:
        with LocalCloud(
            log_path=options.log,
            wait_scale=options.wait_scale,
            collector=wanted_collector() or options.real_collector,
            parts=options.part,
        ) as cloud:
            own = {**_own_spark(cloud), **own_awsglue()}
            return _run(command, {**command_environment(cloud.environment), **own})
    except LocalCloudError as error:
        print(f"glue-xray local: {error}", file=sys.stderr)
        return 1


def _prepare() -> int:
    from local_cloud.services.spark import prepare  # imports more than a run needs

    for path in prepare(default_glue_home()):
        print(path)
    return 0


def _own_spark(cloud: LocalCloud) -> dict[str, str]:
    """Return the variables with which the command's own PySpark, if any, finds Java and the cloud's S3."""
    if find_spec("pyspark") is None:
        return {}
    from local_cloud.services.spark.own import variables

    return variables(cloud.directory, endpoint=cloud.endpoint)


def _run(command: list[str], environment: dict[str, str]) -> int:
    """Run the command in the foreground and pass stop signals on to it."""
    try:
        # preexec_fn is safe here: this process has one thread
        process = subprocess.Popen(command, env=environment, preexec_fn=die_with_parent)
    except OSError as error:
        raise LocalCloudError(f"Cannot run {command[0]!r}: {error.strerror}; check the command.") from error

    def pass_on(number: int, frame: FrameType | None) -> None:
        process.send_signal(number)

    for number in STOP_SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # by nohup, or a shell's "&"
            signal.signal(number, pass_on)
    if sys.stdin.isatty():
        # A terminal sends Ctrl-C to the command as well; a second one would cut its cleaning up short
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    code = process.wait()
    return code if code >= 0 else _SIGNAL_EXIT - code
