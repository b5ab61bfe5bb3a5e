# SPDX-License-Identifier: Apache-2.0
"""A script run as it is behaves as under Python itself, and is a traced job."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.signals import default_signals
from xray_helper.run.command import Command, UsageError, main

ROOT = Path(__file__).parents[4]
SCRIPTS = {
    "its own command line": """
        import sys
        if __name__ == "__main__":
            print(sys.argv, __file__, __name__, sys.path[0], __spec__, __builtins__)
    """,
    "an exception": """
        def inner():
            raise KeyError("x")
        def outer():
            inner()
        outer()
    """,
    "an exception that came of another": """
        try:
            {}["x"]
        except KeyError as error:
            raise ValueError("no x") from error
    """,
    "an exception while another was handled": """
        try:
            {}["x"]
        except KeyError:
            int("y")
    """,
    "an exit code": "import sys; sys.exit(3)",
    "an exit text": "raise SystemExit('no data for today')",
    "an error of syntax": "def f(:\\n    pass",
    "arguments of its own that the library has, too": """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--job_name")
        parser.add_argument("--measure", type=int)
        print(parser.parse_args())
    """,
    "its help": """
        import argparse
        argparse.ArgumentParser(description="Loads orders.").parse_args(["-h"])
    """,
    "a module beside it": "import beside; print(beside.VALUE, beside.__file__)",
    "processes of its own": """
        import multiprocessing
        def square(number):
            return number * number
        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(2) as pool:
                print(pool.map(square, [1, 2, 3]))
    """,
    "pickles": """
        import pickle
        class Order:
            pass
        print(type(pickle.loads(pickle.dumps(Order()))).__module__)
    """,
    "work at the exit": "import atexit; atexit.register(lambda: print('bye')); print('hi')",
    "types by their names": """
        from dataclasses import dataclass
        from typing import get_type_hints
        @dataclass
        class Order:
            number: "int"
        print(get_type_hints(Order))
    """,
    "an exception hook of its own": """
        import sys
        sys.excepthook = lambda kind, error, trace: print("mine:", error)
        raise ValueError("x")
    """,
    "a thread that fails": """
        import threading
        def work():
            raise ValueError("no orders")
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    """,
    "its own names": "print(sorted(globals()), __cached__, __package__)",
    "a closed standard error": "import sys; sys.stderr.close(); print('on')",
    "a signal that it handles": """
        import os, signal
        signal.signal(signal.SIGTERM, lambda number, frame: print("got", number))
        os.kill(os.getpid(), signal.SIGTERM)
    """,
}
PACKED = """
import sys
import inner.rows
print(sys.argv, __file__, __name__, __package__, __spec__.name, sys.path[0], type(__loader__).__name__)
inner.rows.load()
"""


@pytest.fixture(params=SCRIPTS)
def script(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    lines = SCRIPTS[request.param].strip("\n").splitlines()
    indent = min(len(line) - len(line.lstrip()) for line in lines)
    (tmp_path / "script.py").write_text(
        "\n".join(line[indent:] for line in lines).replace("\\n", "\n") + "\n"
    )
    (tmp_path / "beside.py").write_text("VALUE = 7\n")
    return tmp_path / "script.py"


def test_it_says_and_returns_what_it_does_without_us(script: Path) -> None:
    arguments = [script.name, "--measure", "1", "--job_name=orders"]
    alone = _python(script.parent, *arguments)
    spill = script.parent / "spill"
    # Watched calls of AWS change nothing here, and importing the SDK takes as long as all else.
    options = ["--otlp_endpoint", "file", "--spill_uri", str(spill), "--aws_calls", "off"]
    traced = _python(script.parent, "-m", "xray_helper.run", *options, *arguments)

    assert traced.returncode == alone.returncode
    assert traced.stdout == alone.stdout
    assert traced.stderr == alone.stderr
    [spans] = spill.iterdir()
    assert '"name":"script"' in spans.read_text()


@pytest.mark.parametrize("name", ["app", "app.zip"])
def test_a_folder_or_a_zip_runs_as_under_python(name: str, tmp_path: Path) -> None:
    (tmp_path / "app" / "inner").mkdir(parents=True)
    (tmp_path / "app" / "__main__.py").write_text(PACKED)
    (tmp_path / "app" / "inner" / "rows.py").write_text("def load():\n    raise ValueError('no rows')\n")
    shutil.make_archive(str(tmp_path / "app"), "zip", tmp_path / "app")
    alone = _python(tmp_path, name, "1")
    options = ["--otlp_endpoint", "file", "--spill_uri", "spill"]
    traced = _python(tmp_path, "-m", "xray_helper.run", *options, name, "1")

    assert (traced.returncode, traced.stdout) == (1, alone.stdout)
    # Python's own launcher of packages stands above
    assert traced.stderr.splitlines()[1:] == [
        line for line in alone.stderr.splitlines()[1:] if "<frozen runpy>" not in line
    ]
    [spans] = (tmp_path / "spill").iterdir()
    assert '"name":"app"' in spans.read_text()


def test_an_interrupted_script_ends_as_interrupted(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(
        "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nwhile True: pass\n"
    )
    options = ["--otlp_endpoint", "file", "--spill_uri", str(tmp_path / "spill")]
    done = _python(tmp_path, "-m", "xray_helper.run", *options, "script.py")

    assert done.returncode == _python(tmp_path, "script.py").returncode == -2
    assert done.stderr.rstrip().endswith("KeyboardInterrupt")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (["--job-name", "x", "s.py"], "--job-name is no option of this command; do you mean --job_name"),
        (["--steps", "all", "s.py"], "--steps all is none of lines, actions, none"),
        (["--traces", "of", "s.py"], "--traces of is none of on, off"),
        (["--measure=foo", "s.py"], "--measure foo is none of rows, time"),
        (["--share_bytes", "40k", "s.py"], "--share_bytes 40k is no number"),
        (["--max_capacity", "0.0.5", "s.py"], "--max_capacity 0.0.5 is no number"),
        (["."], "there is no script"),
        (["nowhere.py"], "there is no script 'nowhere.py'"),
        (["--job_name"], "--job_name needs a value"),
        ([], "usage: glue-xray run"),
    ],
)
def test_a_wrong_command_line_is_one_sentence(
    line: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.py").touch()
    with pytest.raises(UsageError, match=f"^{sentence}"):
        Command.read(line)


@pytest.mark.parametrize("word", ["-h", "--help"])
def test_its_help_names_the_options(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([word]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("usage: glue-xray run")
    assert {"--steps", "--job_name", "--otlp_endpoint"} <= set(shown.replace(",", "").split())


def test_options_of_the_script_are_not_ours(tmp_path: Path) -> None:
    script = tmp_path / "orders.py"
    script.touch()
    command = Command.read(["--correlation_id=c1", str(script), "--job_name", "theirs", "--traces", "off"])

    settings = command.settings()
    assert (settings.job_name, settings.correlation_id, settings.traces) == ("orders", "c1", None)
    assert command.arguments == ["--job_name", "theirs", "--traces", "off"]


def _python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "glue_jobs")}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=default_signals,
    )
