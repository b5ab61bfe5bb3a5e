# SPDX-License-Identifier: Apache-2.0
"""``glue-xray COMMAND ...``: dispatch to the package that owns the command, and import no other."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec

from glue_xray.commands import COMMANDS, Command
from xray_common.installing import install_command

_DISTRIBUTION = "glue-xray"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code.

    Example
    -------
    `glue-xray view --file build/demo/trace.json`
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    name = _parser().parse_args(given[:1]).command  # what is behind it belongs to the command, a "--" too
    command = COMMANDS[name]
    obstacle = _obstacle(name, command)
    if obstacle:
        print(obstacle, file=sys.stderr)
        return 1
    code: int = importlib.import_module(command.module).main(given[1:])
    return code


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:{width}}  {command.summary}" for name, command in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog=_DISTRIBUTION,
        usage="%(prog)s [--help] [--version] COMMAND ...",
        description="One X-Ray trace for AWS Glue, Spark and Python jobs.",
        epilog=f"commands:\n{commands}\n\n`%(prog)s COMMAND --help` explains a command.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version(_DISTRIBUTION)}")
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help=argparse.SUPPRESS)
    return parser


def _obstacle(name: str, command: Command) -> str:
    """Return why this installation cannot run the command, and what to do; empty when it can."""
    if sys.version_info < command.python:
        return f"{_DISTRIBUTION} {name} needs Python {'.'.join(map(str, command.python))} or newer"
    if all(find_spec(module) for module in command.needs):
        return ""
    return f"{_DISTRIBUTION} {name} needs {command.title}: {install_command(command.extra)}"
