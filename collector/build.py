# SPDX-License-Identifier: Apache-2.0
"""Builds the collector that Fargate runs: ``python collector/build.py``, needs Go.

The binary lands in ``.tools/otelcol/otelcol`` and is built again only when ``builder.yaml``, ``cwlogs/`` or
``lock/`` changes. Every module of it, and of the builder, is the one that ``lock/`` names by hash; ``--lock``
writes that anew. Everything else runs without the collector. Uses the standard library alone: any Python can
run it, before any setup. It exits with 69 where it cannot be built for want of Go or of a module, with 1 when
the build fails.
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

if __name__ == "__main__":  # as a script, by any Python: nothing else of the project is on its path
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from collector import modules

HERE = Path(__file__).resolve().parent
CONFIG = HERE / "builder.yaml"
OWN_MODULE = HERE / "cwlogs"
DIRECTORY = HERE.parent / ".tools" / "otelcol"
_BUILDER = "go.opentelemetry.io/collector/cmd/builder"
_CORE_VERSION = re.compile(r"go\.opentelemetry\.io/collector/receiver/otlpreceiver (v\d+\.\d+\.\d+)")
_LOCKED = ("go.mod", "go.sum")
_LOCK_ANEW = "run python collector/build.py --lock"
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
    digest = _digest(config)
    stamp = directory / "builder.sha256"
    if binary(directory).exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return binary(directory)
    locked = _lock(config)
    missing = modules.not_locked(config, locked / "go.mod")
    if missing:
        raise BuildError(f"{locked} does not hold what {config} names, first: {missing[0]}; {_LOCK_ANEW}.")
    source = _generate(config, directory, "--skip-get-modules")
    for name in _LOCKED:
        shutil.copy(locked / name, source / name)
    compiling = [
        "go",
        "-C",
        source.name,
        "build",
        "-mod=readonly",
        "-trimpath",
        "-ldflags=-s -w",
        "-o",
        "otelcol",
        ".",
    ]
    _run(compiling, directory=directory, step="build the collector")
    (source / "otelcol").replace(binary(directory))
    shutil.rmtree(source)
    stamp.write_text(digest, encoding="utf-8")
    return binary(directory)


def lock(*, config: Path = CONFIG, directory: Path = DIRECTORY) -> Path:
    """Resolve all modules anew, and keep their versions and hashes; return the folder.

    Raises
    ------
    BuildError
        A step failed, or a module is younger than a week.
    """
    locked = _lock(config)
    version = _core_version(config.read_text(encoding="utf-8"), config)
    own = locked / "builder"
    own.mkdir(parents=True, exist_ok=True)
    if not (own / "go.mod").exists():
        (own / "go.mod").write_text("module builder\n\ngo 1.25.0\n", encoding="utf-8")
    go = ["go", "-C", str(own)]
    _require_go()
    directory.mkdir(parents=True, exist_ok=True)
    _run([*go, "get", "-tool", f"{_BUILDER}@{version}"], directory=directory, step="lock the builder")
    _run([*go, "mod", "tidy"], directory=directory, step="lock the builder")
    source = _generate(config, directory)
    for folder in (own, source):
        young = modules.younger_than_a_week(folder)
        if young:
            raise BuildError(
                f"Released less than a week ago, so not taken: {', '.join(young)}; name older ones."
            )
    for name in _LOCKED:
        shutil.copy(source / name, locked / name)
    shutil.rmtree(source)
    return locked


def _lock(config: Path) -> Path:
    return config.resolve().parent / "lock"


def _generate(config: Path, directory: Path, *options: str) -> Path:
    """Write the collector's source; return its folder."""
    _require_go()
    directory.mkdir(parents=True, exist_ok=True)
    shutil.copytree(OWN_MODULE, directory / OWN_MODULE.name, dirs_exist_ok=True)  # replaces "../cwlogs"
    builder = directory / "bin" / "builder"
    locked = _lock(config) / "builder"
    _run(
        ["go", "-C", str(locked), "build", "-mod=readonly", "-o", str(builder), _BUILDER],
        directory=directory,
        step="build the builder",
    )
    command = [str(builder), "--config", str(config.resolve()), "--skip-compilation", *options]
    _run(command, directory=directory, step="write the collector's source")
    return directory / "source"  # dist.output_path of the configuration


def _digest(config: Path) -> str:
    """Return a hash of what is built: the configuration, our own module that it names, the locked others."""
    locked = sorted(path for path in _lock(config).rglob("go.*"))
    read = [config, *sorted(OWN_MODULE.iterdir()), *locked]
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


def _run(command: Sequence[str], *, directory: Path, step: str) -> None:
    """Run a command at low priority (a build may take every core) and keep its output in ``build.log``."""
    log = directory / "build.log"
    # The state of a git checkout around the source is none of the binary's business.
    flags = f"{os.environ.get('GOFLAGS', '')} -buildvcs=false".strip()
    environment = {**os.environ, "GOFLAGS": flags}
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
    """Raise UnavailableError for modules that the proxy does not serve, else BuildError."""
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
    parser.add_argument("--lock", action="store_true", help="write the locked modules anew, build nothing")
    options = parser.parse_args(arguments)
    make = lock if options.lock else build
    try:
        print(make(config=options.config, directory=options.directory.resolve()))
    except UnavailableError as error:
        print(error, file=sys.stderr)
        return os.EX_UNAVAILABLE
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
