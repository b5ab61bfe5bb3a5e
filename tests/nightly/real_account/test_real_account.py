# SPDX-License-Identifier: Apache-2.0
"""Credentials of an account are in the environment: the demonstration and the helpers here leave them alone.

Each command runs in a network namespace whose only machine is a trap (``trap.py``). The credentials are
canaries: whoever used them would call and be caught, or show them in what is left.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[3]
TRAP = Path(__file__).with_name("trap.py")
NAMESPACE = ["unshare", "--net", "--map-root-user"]
TIMEOUT_S = 500
CANARY = "CANARY7Q2X"
PROFILE = f"[production]\naws_access_key_id = AKIA{CANARY}FILE\naws_secret_access_key = {CANARY}/file\n"
OUTPUT = ROOT / "build" / "demo"


class Ended(NamedTuple):
    """A command that ran in the trap: what it printed, and whom it called."""

    code: int
    printed: str
    caught: list[str]


Run = Callable[..., Ended]


def _works(*command: str) -> bool:
    return (
        bool(shutil.which(command[0]))
        and not subprocess.run(command, capture_output=True, check=False).returncode
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    if not _works(*NAMESPACE, "ip", "link", "show"):
        pytest.skip("this machine gives no network namespaces (unshare, ip)")
    home = tmp_path / "home"
    (home / ".aws").mkdir(parents=True)
    (home / ".aws" / "credentials").write_text(PROFILE)
    (home / ".aws" / "config").write_text("[profile production]\nregion = eu-west-1\n")
    variables = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    account = {
        "AWS_ACCESS_KEY_ID": f"AKIA{CANARY}ENVI",
        "AWS_SECRET_ACCESS_KEY": f"{CANARY}/environment",
        "AWS_SESSION_TOKEN": f"{CANARY}/token",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "HOME": str(home),
        "PYTHONUNBUFFERED": "1",
    }

    def in_trap(*command: str, **more: str) -> Ended:
        caught = tmp_path / "caught.json"
        done = subprocess.run(
            [*NAMESPACE, sys.executable, str(TRAP), str(caught), *command],
            cwd=ROOT,
            env={**variables, **account, **more},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        return Ended(done.returncode, done.stdout + done.stderr, json.loads(caught.read_text()))

    return in_trap


def test_the_trap_catches_who_calls_an_account(run: Run) -> None:
    call = (
        "import boto3; from botocore.config import Config as C; boto3.client('sts', "
        "config=C(connect_timeout=2, retries={'total_max_attempts': 1})).get_caller_identity()"
    )
    ended = run(sys.executable, "-c", call)
    assert ended.code != 0
    assert {"name sts.eu-west-1.amazonaws.com", "connection to 192.0.2.1:443"} <= set(ended.caught)
    # ... and who looks for the credentials of a machine
    ended = run(sys.executable, "-c", call, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert "connection to 169.254.169.254:80" in ended.caught


@pytest.mark.parametrize("demonstration", ["demo", "with_airflow.demo"])
@pytest.mark.parametrize(
    "more",
    [{}, {"AWS_PROFILE": "production"}, {"AWS_ENDPOINT_URL": "https://sts.eu-west-1.amazonaws.com"}],
    ids=["environment", "profile", "endpoint"],
)
def test_the_demonstration_does_not_touch_an_account(
    run: Run, demonstration: str, more: dict[str, str]
) -> None:
    ended = run(sys.executable, "-m", demonstration, **more)
    assert ended.code == 1
    assert "no local cloud" in " ".join(ended.printed.split())
    assert "Traceback" not in ended.printed
    assert ended.caught == []


def test_in_a_local_cloud_it_calls_nobody_and_uses_no_credentials(run: Run, tmp_path: Path) -> None:
    log = tmp_path / "cloud.log"
    cloud = [sys.executable, "-m", "local_cloud", "run", "--log", str(log), "--"]
    ended = run(*cloud, sys.executable, "-m", "demo", AWS_PROFILE="production")
    assert ended.code == 0, ended.printed
    assert ended.caught == []
    assert CANARY not in ended.printed + log.read_text(errors="replace")
    left = [file for file in OUTPUT.rglob("*") if file.is_file() and CANARY.encode() in file.read_bytes()]
    assert left == []


@pytest.mark.parametrize(
    "helper", ["faults", "load", "matrix", "benchmarks.tracing", "benchmarks.scale", "benchmarks.engines"]
)
def test_a_helper_knows_no_account(run: Run, helper: str) -> None:
    look = (
        f"import os, runpy, sys; sys.argv = ['x', '--help']\n"
        f"try: runpy.run_module('tests.nightly.{helper}', run_name='__main__')\n"
        "except SystemExit: pass\n"
        "print([name for name in os.environ if name.startswith('AWS_')])"
    )
    ended = run(sys.executable, "-c", look, PYTHONPATH=str(ROOT / "glue_jobs"), AWS_PROFILE="production")
    known = ended.printed.splitlines()[-1]
    assert known == "['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'AWS_EC2_METADATA_DISABLED']"
    assert ended.caught == []
