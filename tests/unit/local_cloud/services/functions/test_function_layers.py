# SPDX-License-Identifier: Apache-2.0
"""Programs that a function finds in ``/opt``: the ones of its layers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from local_cloud.services.functions import with_layers


@pytest.fixture
def layers(tmp_path: Path) -> list[str]:
    for name, text in (("one", "first"), ("two", "second")):
        program = tmp_path / name / "bin" / "say"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho {text} $1\n")
    script = tmp_path / "one" / "awscli" / "aws"
    script.parent.mkdir()
    script.write_text("#!/var/lang/bin/python\nimport sys; print(sys.executable)\n")
    return [str(tmp_path / "one"), str(tmp_path / "two")]


def test_a_later_layer_hides_an_earlier_one(layers: list[str]) -> None:
    command = with_layers.command_of(["/opt/bin/say", "now"], layers)
    assert subprocess.check_output(command, text=True) == "second now\n"


def test_a_script_for_the_python_of_lambda_runs_in_ours(layers: list[str]) -> None:
    command = with_layers.command_of(["/opt/awscli/aws"], layers)
    assert subprocess.check_output(command, text=True).strip() == sys.executable


@pytest.mark.parametrize("program", ["/bin/sh", "/opt/none", "say", "/opt/../bin/sh"])
def test_other_programs_stay_what_they_are(layers: list[str], program: str) -> None:
    assert with_layers.command_of([program, "x"], layers) == [program, "x"]


def test_a_worker_starts_them_by_any_way(layers: list[str], tmp_path: Path) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(
        "import subprocess, sys\n"
        "assert __name__ == '__main__' and sys.argv[0].endswith('worker.py')\n"
        "subprocess.check_call(['/opt/bin/say', 'call'])\n"
        "print(subprocess.run(['/opt/bin/say', 'run'], capture_output=True, text=True).stdout)\n"
    )
    done = subprocess.run(
        [sys.executable, "-S", with_layers.__file__, str(worker)],
        env={"_LAMBDA_LAYERS_DIRS": ":".join(layers)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(done.stdout.split("\n")) == ["", "", "second call", "second run"]
