# SPDX-License-Identifier: Apache-2.0
"""An empty metadata database, made once per installation: that takes longer than all else of a start."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from local_cloud.environment import ROOT

_FILE = "airflow.db"


def default_airflow_home(version: str) -> Path:
    """Return the virtual environment with this version of Airflow of this project, there or not."""
    return Path(os.environ.get("LOCAL_CLOUD_AIRFLOW_HOME", ROOT / ".tools" / f"airflow-{version}"))


def template(home: Path) -> Path:
    """Return where the empty database of an installation is, made or not."""
    return home / "local-cloud" / _FILE


def prepare(home: Path) -> Path:
    """Make the empty database unless it is there; return its path.

    Raises
    ------
    subprocess.CalledProcessError
        Airflow could not make it.
    """
    target = template(home)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as directory:
            part = Path(directory) / _FILE
            variables = {
                "PATH": os.environ.get("PATH", os.defpath),
                "AIRFLOW_HOME": directory,
                "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{part}",
                "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            }
            command = [str(home / "bin" / "python"), "-m", "airflow", "db", "migrate"]
            subprocess.run(command, env=variables, check=True, capture_output=True)
            part.replace(target)
    return target


def copy_to(directory: Path, *, home: Path) -> None:
    """Copy the prepared database into an environment's directory."""
    shutil.copyfile(prepare(home), directory / _FILE)
