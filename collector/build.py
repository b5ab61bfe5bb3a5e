# SPDX-License-Identifier: Apache-2.0
"""Builds the collector that Fargate runs: ``python collector/build.py``, needs Go.

The binary lands in ``.tools/otelcol/otelcol`` and is built again only when ``builder.yaml`` or ``cwlogs/``
changes. Everything else runs without it. Uses the standard library alone: any Python can run it, before any
setup. It exits with 69 where it cannot be built for want of Go or of a module, with 1 when the build fails.
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
from typing import NoReturn

HERE = Path(__file__).resolve().parent
CONFIG = HERE / "builder.yaml"
OWN_MODULE = HERE / "cwlogs"
DIRECTORY = HERE.parent / ".tools" / "otelcol"
_BUILDER = "go.opentelemetry.io/collector/cmd/builder"
_CORE_VERSION = re.compile(r"go\.opentelemetry\.io/collector/receiver/otlpreceiver (v\d+\.\d+\.\d+)")
# What Go says when a proxy has no such version, or there is no way to it.
_REFUSED = re.compile(
    r"reading https?://\S+: \d{3} |dial tcp|no such host|module lookup disabled|i/o timeout"
)
_LOG_LINES_SHOWN = 15
_LETTERS_SHOWN = 200


class BuildError(Exception):
    """The collector could not be built; the text says why and what to do."""


class UnavailableError(BuildError):
    """Go, or a module that is built in, is not to be had here: no fault of this project."""


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
    UnavailableError
        There is no Go, or the module proxy does not serve what is needed.
    BuildError
        A step failed.
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
        raise UnavailableError(
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
        _explain(command[0], status, log, step)


def _explain(program: str, status: int, log: Path, step: str) -> NoReturn:
    """Tell what is not to be had here from what is wrong."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    refused = next((line.strip() for line in lines if _REFUSED.search(line)), None)
    if refused:
        raise UnavailableError(
            f"Could not {step}: the Go module proxy does not serve all of it, first: "
            f"{refused[:_LETTERS_SHOWN]} (all of it in {log}); set GOPROXY to one that does."
        )
    shown = "\n".join([line for line in lines if not line.startswith("go: downloading")][-_LOG_LINES_SHOWN:])
    raise BuildError(
        f"Could not {step}: {program} ended with {status}; all of its output is in {log}.\n{shown}"
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
    except UnavailableError as error:
        print(error, file=sys.stderr)
        return os.EX_UNAVAILABLE
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
