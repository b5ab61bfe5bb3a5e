# SPDX-License-Identifier: Apache-2.0
"""An environment's requirements, held against what is installed: nothing is installed here for a DAG."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

_PIN = re.compile(r"^(?P<name>[A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)")
_LIST = (
    "import importlib.metadata as m, json; print(json.dumps({d.name: d.version for d in m.distributions()}))"
)


class RequirementsError(Exception):
    """A required package is not there in that version; the text says which."""


def check(text: str, python: Path) -> None:
    """Compare each pinned package of a requirements file with the installation.

    Raises
    ------
    RequirementsError
        One is missing or of another version.
    """
    pins = [found for line in text.splitlines() if (found := _PIN.match(line.strip()))]
    if not pins:
        return
    listed = subprocess.run([str(python), "-c", _LIST], capture_output=True, text=True, check=True)
    installed = {_normal(name): version for name, version in json.loads(listed.stdout).items()}
    wrong = [
        f"{pin['name']}=={pin['version']} (installed: {installed.get(_normal(pin['name']), 'none')})"
        for pin in pins
        if installed.get(_normal(pin["name"])) != pin["version"]
    ]
    if wrong:
        raise RequirementsError(
            f"The local cloud installs nothing for DAGs; these requirements are not met: "
            f"{', '.join(wrong)}; "
            "pin the versions that the Airflow installation has."
        )


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
