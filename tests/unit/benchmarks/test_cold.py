# SPDX-License-Identifier: Apache-2.0
"""What the cold benchmark counts: orphans too, each phase for itself, an interval that may be trusted."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tests.nightly.benchmarks.cold_jvms import c1, plain
from tests.nightly.benchmarks.cold_table import table
from tests.nightly.benchmarks.differences import difference
from tests.nightly.benchmarks.jvm_threads import ENDED, seconds_by_thread
from tests.nightly.benchmarks.phases import Phases
from tests.nightly.benchmarks.reaper import run_reaped

ROOT = Path(__file__).resolve().parents[3]
# Leaves a child behind, as PySpark leaves its JVM, which then works for half a second of processor time.
LEAVES_AN_ORPHAN = """
import subprocess, sys
work = "import time\\nwhile time.process_time() < 0.5: pass"
subprocess.Popen([sys.executable, "-c", work], start_new_session=True)
"""


def reaped(code: str, folder: Path) -> tuple[float, float]:
    command = [sys.executable, "-c", textwrap.dedent(code)]
    taken = run_reaped(command, {**os.environ, "PYTHONPATH": str(ROOT)}, folder=folder)
    return taken.cpu_s, taken.wall_s


def test_what_a_process_leaves_behind_is_waited_for_and_counted(tmp_path: Path) -> None:
    cpu_s, wall_s = reaped(LEAVES_AN_ORPHAN, tmp_path)
    assert cpu_s >= 0.5
    assert wall_s < cpu_s + 30  # to the end of the first process


def test_a_program_that_fails_is_named_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="ended with 3:\nno rows"):
        reaped("import sys; print('no rows'); sys.exit(3)", tmp_path)


@pytest.mark.parametrize(
    ("number", "ranks"), [(5, (1, 5)), (6, (1, 6)), (9, (2, 8)), (12, (3, 10)), (20, (6, 15))]
)
def test_the_interval_of_a_median_is_that_of_the_sign_test(number: int, ranks: tuple[int, int]) -> None:
    """Ranks as tables of the sign test have them, such as Conover's A3; five values cannot give 95 %."""
    found = difference(list(range(number, 0, -1)))
    assert (found.low, found.high) == ranks
    assert (found.coverage >= 0.95) == (number > 5)


def test_a_phase_within_another_counts_for_itself_alone() -> None:
    phases = Phases()
    with phases.within("outer"):
        phases.called()
        with phases.within("inner"):
            phases.called()
            time.sleep(0.05)
        phases.called()
    phases.called()
    calls = {name: phase.jvm_calls for name, phase in phases.found.items()}
    assert calls == {"outer": 2, "inner": 1, "the job itself": 1}
    assert phases.found["outer"].ms < 50 <= phases.found["inner"].ms


def test_the_table_leads_with_processor_time_and_shows_each_interval() -> None:
    unlike = {
        "cpu_s": difference([0.1, 0.4, 0.2, 0.3, 0.25, 0.3]),
        "wall_s": difference([0.0] * 6),
        "peak_mb": difference([9.0] * 6),
    }
    counted = {
        "jvm_calls": 1_234,
        "classes": 18_000,
        "phases": {"export": {"ms": 8.2, "cpu_ms": 3.0, "jvm_calls": 0}},
    }
    job = {
        "median": {"cpu_s": 20.0, "wall_s": 12.0, "peak_mb": 900.0},
        "difference": {"traced": unlike},
        "counted": {
            "untraced": {**counted, "threads": {"Thread": 4.0, "Sweeper thread": 0.01}},
            "traced": {**counted, "threads": {"Thread": 4.5, "Sweeper thread": 0.02}},
        },
    }
    lines = list(table({"jvm": "c1", "rounds": 6, "sizes": [{"rows": 4_002, "jobs": {"clean": job}}]}))
    assert lines[0] == "JVM: class archive, first compiler only, library from its zip, 6 rounds"
    assert lines[4] == "| clean, 4,002 | untraced | 20.0 s | 12.0 s | 900 MB | 1,234 | 18,000 |"
    assert lines[5].startswith("| clean, 4,002 | traced | **+0.28** (+0.10 to +0.40) s | **+0.00**")
    assert lines[-2] == "- export: 8 ms, 3 of CPU, 0 calls"
    assert lines[-1] == "- Thread: +0.50 s of CPU to the untraced job's 4.00"


def test_a_job_starts_in_a_jvm_as_glue_starts_it_or_as_pyspark_does() -> None:
    started, variables = c1(["-m", "xray_helper.run", "job.py", "--a=1"], "-Xlog:x")
    assert [started[0].endswith("bin/java"), *started[-3:]] == [
        True,
        _file("run/__main__.py"),
        "job.py",
        "--a=1",
    ]
    assert {"-XX:TieredStopAtLevel=1", "-Xlog:x"} < set(started)
    assert variables["PYTHONPATH"] == str(ROOT)  # the jobs' code is in the zip
    assert plain(["job.py"])[0] == [sys.executable, "job.py"]


def test_the_work_of_a_thread_is_counted_for_its_name() -> None:
    work = "import time\nwhile time.process_time() < 0.3: pass\nprint(1, flush=True)\ninput()"
    with subprocess.Popen(
        [sys.executable, "-c", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = seconds_by_thread(process.pid)
        process.kill()
    assert max(found, key=lambda name: found[name]).startswith("python")
    assert 0.25 <= sum(found.values()) < 5
    assert found[ENDED] < 0.05


def _file(name: str) -> str:
    return str(ROOT / "glue_jobs" / "xray_helper" / name)
