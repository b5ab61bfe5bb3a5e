# SPDX-License-Identifier: Apache-2.0
"""``python -m tests.verify [--yes] [-c NAME=VALUE]``: exit code 0 when all that could be checked held."""

from __future__ import annotations

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError

from demo.command import INTERRUPTED
from demo.display import console
from demo.errors import DemoError
from tests.verify.run import verify


def main(arguments: list[str]) -> int:
    """Run the command line and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.verify", description=__doc__)
    parser.add_argument("--yes", action="store_true", help="do not ask before anything is created")
    parser.add_argument("-c", "--context", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args(arguments)
    try:
        return verify(_context(options.context), agreed=options.yes)
    except (DemoError, BotoCoreError, ClientError) as error:
        console.print(f"verify: nothing was created: {error}", style="red", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("verify: interrupted; nothing was created.")
        return INTERRUPTED


def _context(pairs: list[str]) -> dict[str, str]:
    """Return the context values by name."""
    for pair in pairs:
        if "=" not in pair:
            raise DemoError(f"The context value {pair!r} is no NAME=VALUE; give, for example, network=nat.")
    context = dict(pair.split("=", 1) for pair in pairs)
    if "stack_name" in context:
        raise DemoError(
            "The context value stack_name is not for make verify, which deploys under a name of its own."
        )
    return context


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
