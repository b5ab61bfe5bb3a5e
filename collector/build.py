# SPDX-License-Identifier: Apache-2.0
"""Builds the collector that Fargate runs: ``python collector/build.py``, needs Go.

The binary lands in ``.tools/otelcol/otelcol`` and is built again only when ``builder.yaml`` or ``cwlogs/``
changes. Everything else runs without it. Uses the standard library alone: any Python can run it, before any setup.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
CONFIG = HERE / "builder.yaml"
OWN_MODULE = HERE / "cwlogs"
DIRECTORY = HERE.parent / ".tools" / "otelcol"
_BUILDER = "go.opentelemetry.io/collector/cmd/builder"
_CORE_VERSION = re.compile(r"go\.opentelemetry\.io/collector/receiver/otlpreceiver (v\d+\.\d+\.\d+)")
_LOG_LINES_SHOWN = 15


class BuildError(Exception):
    """The collector could not be built; the text says why and what to do."""


def binary(directory: Path = DIRECTORY) -> Path:
    """Name the collector's binary, built or not."""
    return directory / "otelcol"


def build(*, config: Path = CONFIG, directory: Path = DIRECTORY) -> Path:
    """Build the collector unless the one that is there was built from the same configuration.

    Parameters
    ----------
    config
        Configuration of the OpenTelemetry Collector Builder
        (https://opentelemetry.io/docs/collector/extend/ocb/).
    directory
        Where the binary, the builder and its log are kept.

    Returns
    -------
    Path
        The binary.

    Raises
    ------
    BuildError
        There is no Go, or a step failed.
    """
    text = config.read_text(encoding="utf-8")
    digest = _digest(config)
    stamp = directory / "builder.sha256"
    if binary(directory).exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return binary(directory)
    _require_go()
    source = (
        directory / "source"
    )  # dist.output_path of the configuration, below the builder's working directory
    shutil.copytree(OWN_MODULE, directory / OWN_MODULE.name, dirs_exist_ok=True)  # replaces "../cwlogs"
    builder = _install_builder(_core_version(text, config), directory)
    _run([str(builder), "--config", str(config.resolve())], directory=directory, step="build the collector")
    (source / "otelcol").replace(binary(directory))
    for kept in ("go.mod", "go.sum"):  # what exactly was built
        shutil.copy(source / kept, directory / kept)
    shutil.rmtree(source)
    stamp.write_text(digest, encoding="utf-8")
    return binary(directory)


def _digest(config: Path) -> str:
    """Say what is built: the configuration, and the module of our own that it names."""
    read = [config, *sorted(OWN_MODULE.iterdir())]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in read)).hexdigest()


def _require_go() -> None:
    if shutil.which("go") is None:
        raise BuildError(
            "The collector cannot be built: there is no Go on the PATH; install Go 1.25 or newer "
            "(https://go.dev/dl) and run this again, or go on: everything else runs without the collector."
        )


def _core_version(text: str, config: Path) -> str:
    found = _CORE_VERSION.search(text)
    if found is None:
        raise BuildError(
            f"{config} names no version of the otlpreceiver module, which gives the builder's; add it."
        )
    return found[1]


def _install_builder(version: str, directory: Path) -> Path:
    """Install the builder of the same release; Go's own cache makes a second run cheap."""
    _run(["go", "install", f"{_BUILDER}@{version}"], directory=directory, step="install its builder")
    return directory / "bin" / "builder"


def _run(command: Sequence[str], *, directory: Path, step: str) -> None:
    """Run a command at low priority (a build may take every core) and keep its output in ``build.log``."""
    log = directory / "build.log"
    # The state of a git checkout around the source is none of the binary's business.
    flags = f"{os.environ.get('GOFLAGS', '')} -buildvcs=false".strip()
    environment = {**os.environ, "GOBIN": str(directory / "bin"), "GOFLAGS": flags}
    with log.open("wb") as output:
        status = subprocess.run(
            ["nice", "-n", "10", *command],
            cwd=directory,
            env=environment,
            stdout=output,
            stderr=output,
            check=False,
        ).returncode
    if status:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        shown = "\n".join(line for line in lines if not line.startswith("go: downloading"))
        last = "\n".join(shown.splitlines()[-_LOG_LINES_SHOWN:])
        raise BuildError(
            f"Could not {step}: {command[0]} ended with {status}; all of its output is in {log}.\n{last}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, and print where the binary is."""
    parser = argparse.ArgumentParser(description="Build the OpenTelemetry collector that Fargate runs.")
    parser.add_argument("--config", type=Path, default=CONFIG, help="of the builder (default: %(default)s)")
    parser.add_argument(
        "--directory", type=Path, default=DIRECTORY, help="of the result (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    try:
        print(build(config=options.config, directory=options.directory.resolve()))
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
