# SPDX-License-Identifier: Apache-2.0
"""``python -m demo [--dataset FILE]``: exit code 0 when everything went well."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from demo.dataset import generate
from demo.display import console
from demo.errors import DemoError
from demo.paths import BUILD
from demo.run import run

INTERRUPTED = 130  # the shell's exit code for Ctrl-C


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    parser.add_argument("--dataset", type=Path, help="the file to upload; a generated one otherwise")
    parser.add_argument("--started-at", type=float, help="when the set-up began, seconds since the epoch")
    options = parser.parse_args()
    setup_s = time.time() - options.started_at if options.started_at else 0.0
    try:
        return 0 if run(options.dataset or _generated(), setup_s) else 1
    except DemoError as error:
        console.print(f"demo: {error}", style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("demo: interrupted; in an AWS account the stack still stands: run make destroy.")
        return INTERRUPTED


def _generated() -> Path:
    path = BUILD / "listings.csv"
    path.parent.mkdir(exist_ok=True)
    generate(path)
    return path


if __name__ == "__main__":
    sys.exit(main())
