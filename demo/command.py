# SPDX-License-Identifier: Apache-2.0
"""The command line that both demonstrations have."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from demo import account
from demo.dataset import generate
from demo.display import console
from demo.errors import DemoError
from demo.paths import BUILD

INTERRUPTED = 130  # the shell's exit code for Ctrl-C


def main(run: Callable[[Path, float], bool], *, description: str | None) -> int:
    """Parse the command line, run, and return the exit code.

    Parameters
    ----------
    run
        Gets the data set, and how long the set-up took, in seconds; returns whether all went well.
    description
        For the help.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--dataset", type=Path, help="the file to upload; a generated one otherwise")
    parser.add_argument("--started-at", type=float, help="when the set-up began, seconds since the epoch")
    parser.add_argument(
        "--real-account", action="store_true", help="deploy and destroy in the AWS account of the environment"
    )
    options = parser.parse_args()
    setup_s = time.time() - options.started_at if options.started_at else 0.0
    try:
        account.refuse_unless_agreed(real_account=options.real_account)
        dataset = _checked(options.dataset) if options.dataset else _generated()
        return 0 if run(dataset, setup_s) else 1
    except DemoError as error:
        console.print(f"demo: {error}", style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("demo: interrupted; in an AWS account the stacks still stand: run make destroy.")
        return INTERRUPTED


def _checked(dataset: Path) -> Path:
    """Check the file before anything is deployed for it."""
    if not dataset.is_file():
        raise DemoError(f"{dataset} is not a file: name one with make demo DATASET=path/to/file.csv.")
    return dataset


def _generated() -> Path:
    path = BUILD / "listings.csv"
    path.parent.mkdir(exist_ok=True)
    generate(path)
    return path
