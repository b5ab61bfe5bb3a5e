# SPDX-License-Identifier: Apache-2.0
"""The zips that go to Lambda and Glue."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from glue_xray.bundle import library_zip, python_of
from glue_xray.bundle import python_package as package
from glue_xray.bundle.byte_code import THIS_PYTHON
from stacks.packages import GLUE_JOBS, ROOT, glue_library_zip, start_pipeline_zip


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "__pycache__" / "module.cpython-311.pyc").write_bytes(b"compiled")
    (folder / "module.py").write_text("ANSWER = 42\n")
    return folder


@pytest.fixture
def empty_list(tmp_path: Path) -> Path:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("# nothing\n")
    return requirements


def zipped(sources: dict[str, Path], requirements: Path) -> Path:
    return package.python_package(
        "x", sources=sources, requirements=requirements, cache=requirements.parent / "build"
    )


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_same_source_gives_the_same_bytes_whenever_and_wherever(source: Path, empty_list: Path) -> None:
    # Given a zip, and the same files again with other times and other compiled leftovers
    first = zipped({"code": source}, empty_list)
    before = digest(first)
    first.unlink()
    os.utime(source / "module.py", (0, 0))
    (source / "__pycache__" / "other.pyc").write_bytes(b"more")
    # When it is built again
    again = zipped({"code": source}, empty_list)
    # Then nothing differs
    assert (again, digest(again)) == (first, before)


def test_a_zip_holds_the_sources_and_nothing_compiled(source: Path, empty_list: Path) -> None:
    built = zipped({"code": source}, empty_list)
    assert zipfile.ZipFile(built).namelist() == ["code/", "code/module.py"]


def test_a_namespace_package_is_found_inside_a_zip(tmp_path: Path, empty_list: Path) -> None:
    # Given a folder without __init__.py above a module, as opentelemetry/ is one
    inner = tmp_path / "namespace_of_test" / "part"
    inner.mkdir(parents=True)
    (inner / "__init__.py").write_text("ANSWER = 42\n")
    sources = {"namespace_of_test": tmp_path / "namespace_of_test"}
    built = zipped(sources, empty_list)
    # When a fresh Python imports it from the zip
    code = "from namespace_of_test.part import ANSWER; print(ANSWER)"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(built)},
        capture_output=True,
        text=True,
        check=True,
    )
    # Then it is there
    assert answer.stdout == "42\n"


SHOW = """
import traceback
import code_of_test as m

print(m.__file__.rpartition(".")[2], m.answer.__code__.co_filename)
try:
    m.answer()
except ZeroDivisionError:
    traceback.print_exc()
"""


def test_byte_code_beside_the_sources_is_what_python_runs(tmp_path: Path) -> None:
    source = tmp_path / "code_of_test.py"
    source.write_text("def answer():\n    return 1 / 0\n")
    built = package.python_package(
        "x", sources={"": tmp_path}, compiled_for=THIS_PYTHON, cache=tmp_path / "build"
    )
    first, before = built, digest(built)
    built.unlink()
    os.utime(source, (0, 0))
    built = package.python_package(
        "x", sources={"": tmp_path}, compiled_for=THIS_PYTHON, cache=tmp_path / "build"
    )
    assert (built, digest(built)) == (first, before)
    ran = _run(SHOW, built)
    assert ran.stdout.split() == ["pyc", f"{built.name}/code_of_test.py"]
    assert "return 1 / 0" in ran.stderr  # the line of the source, in a traceback


def test_byte_code_of_another_python_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "code_of_test.py").write_text("def answer():\n    return 1 / 0\n")
    built = package.python_package(
        "x", sources={"": tmp_path}, compiled_for=THIS_PYTHON, cache=tmp_path / "build"
    )
    other = tmp_path / "other.zip"
    with zipfile.ZipFile(built) as made, zipfile.ZipFile(other, "w") as foreign:
        for name in made.namelist():
            content = made.read(name)
            foreign.writestr(name, b"\0\0\r\n" + content[4:] if name.endswith("c") else content)
    assert _run(SHOW, other).stdout.split() == ["py", f"{other}/code_of_test.py"]


def test_another_python_than_this_gets_the_sources_alone(source: Path, tmp_path: Path) -> None:
    built = package.python_package("x", sources={"": source}, compiled_for="3.0", cache=tmp_path / "build")
    assert zipfile.ZipFile(built).namelist() == ["module.py"]


def _run(code: str, path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env={"PYTHONPATH": str(path)}, capture_output=True, text=True, check=True)


def test_a_changed_source_gives_another_zip(source: Path, empty_list: Path) -> None:
    first = zipped({"code": source}, empty_list)
    (source / "module.py").write_text("ANSWER = 43\n")
    assert zipped({"code": source}, empty_list) != first


def test_two_builds_at_once_do_not_disturb_each_other(source: Path, empty_list: Path) -> None:
    # Given the same package, built by two processes that both find nothing in the cache
    code = (
        "import sys; from pathlib import Path; from glue_xray.bundle.python_package import python_package; "
        "cache, source, requirements = (Path(argument) for argument in sys.argv[1:]); "
        "print(python_package('x', sources={'code': source}, requirements=requirements, cache=cache))"
    )
    cache = empty_list.parent / "build"
    command = [sys.executable, "-c", code, str(cache), str(source), str(empty_list)]
    builds = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    # When both have ended
    built = [build.communicate()[0].strip() for build in builds]
    # Then both name the same whole zip, and nothing unfinished is left
    assert [build.returncode for build in builds] == [0, 0]
    assert built[0] == built[1]
    assert zipfile.ZipFile(built[0]).testzip() is None
    assert {path.suffix for path in cache.iterdir() if path.is_file()} == {".zip"}


def test_a_second_build_asks_pip_for_nothing(
    source: Path, empty_list: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = zipped({"code": source}, empty_list)

    def no_pip(*_: object, **__: object) -> None:
        pytest.fail("pip was started")

    monkeypatch.setattr(subprocess, "run", no_pip)
    assert zipped({"code": source}, empty_list) == first


def test_a_list_that_cannot_be_installed_ends_in_one_sentence(
    source: Path, empty_list: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty_list.write_text("nosuchpackage==1.0 --hash=sha256:" + "0" * 64 + "\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(RuntimeError) as caught:
        zipped({"code": source}, empty_list)
    assert str(caught.value).startswith(
        f"The packages of {tmp_path.name}/requirements.txt could not be installed; check that pip reaches a "
        "package index, or set PIP_INDEX_URL to one it can reach (pip: ERROR:"
    )
    assert not list((tmp_path / "build").glob("wheels-*"))


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A zip of the application: its own folders, some of the wheels in it, and what AWS's runtime brings."""

    build: Callable[[], Path]
    folders: list[str]
    wheels: set[str]
    scripts: list[Path] = field(default_factory=list)
    runtime: list[str]


BOTOCORE = ["botocore", "jmespath", "dateutil", "urllib3", "six"]
ASSETS = [
    Asset(
        build=start_pipeline_zip,
        folders=["start_pipeline", "data_layout", "xray_common"],
        wheels={"aws_xray_sdk/__init__.py"},
        runtime=BOTOCORE,
    ),
    Asset(
        build=glue_library_zip,
        folders=["transforms", "data_layout", "xray_common", "xray_helper"],
        wheels={"opentelemetry/sdk/trace/__init__.py"},
        scripts=[*GLUE_JOBS.glob("*_job.py"), *(ROOT / "with_airflow" / "emr_jobs").glob("*_job.py")],
        runtime=[*BOTOCORE, "pyspark", "py4j", "numpy", "pyarrow"],
    ),
]


@pytest.mark.parametrize("asset", ASSETS, ids=["start-pipeline", "glue-library"])
def test_the_real_zips_hold_pure_python_only(asset: Asset) -> None:
    names = set(zipfile.ZipFile(asset.build()).namelist())
    assert {f"{folder}/__init__.py" for folder in asset.folders} | asset.wheels <= names
    assert not {entry for entry in names if entry.endswith((".so", ".pyd"))}


IMPORT_ALL = """
import importlib, pkgutil, sys
from pathlib import Path

built, besides, *folders = sys.argv[1:]
sys.path[:0] = [besides, built]
for folder in folders:
    package = importlib.import_module(folder)
    assert package.__file__.startswith(built), package.__file__
    for module in pkgutil.walk_packages(package.__path__, f"{folder}."):
        importlib.import_module(module.name)
for script in Path(besides).glob("*_job.py"):
    importlib.import_module(script.stem)
"""


@pytest.mark.parametrize("asset", ASSETS, ids=["start-pipeline", "glue-library"])
def test_the_real_zips_hold_what_their_code_imports(asset: Asset, tmp_path: Path) -> None:
    # Given the zip, the scripts beside it, and no other package than AWS's runtime has
    for script in asset.scripts:
        (tmp_path / script.name).symlink_to(script)
    for name in asset.runtime:
        found = importlib.util.find_spec(name)
        assert found is not None and found.origin is not None
        place = Path(found.origin)
        place = place.parent if place.name == "__init__.py" else place
        (tmp_path / place.name).symlink_to(place)
    # When every module of ours is imported
    arguments = [str(asset.build()), str(tmp_path), *asset.folders]
    command = [sys.executable, "-I", "-S", "-c", IMPORT_ALL, *arguments]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    # Then nothing is missing
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.mark.parametrize("asked, oldest", [("3.9", "3.9"), ("3.10", "3.10"), ("3.13", "3.10")])
def test_the_library_is_imported_from_its_zip_by_each_python(asked: str, oldest: str, tmp_path: Path) -> None:
    # Given the zip for the jobs of a Python, and that Python with nothing but boto3's packages beside it
    program = shutil.which(f"python{asked}", path=os.environ["PATH"])
    environment = {"PATH": os.environ["PATH"], "PYENV_VERSION": asked, "PYTHONPATH": str(library_zip(asked))}
    code = (
        "import opentelemetry.sdk.trace.export, opentelemetry.exporter.otlp.proto.http as one, "
        "xray_common, xray_helper; print(one.__file__)"
    )
    if (
        program is None
        or subprocess.run([program, "-c", ""], env=environment, capture_output=True).returncode
    ):
        pytest.skip(f"there is no Python {asked} on this machine")
    # When it imports the library
    answer = subprocess.run([program, "-S", "-c", code], env=environment, capture_output=True, text=True)
    # Then all of it comes from there
    assert (answer.returncode, answer.stderr) == (0, "")
    assert f"glue-library-{oldest}-" in answer.stdout


@pytest.mark.parametrize(
    ("command", "glue_version", "python"),
    [
        ("glueetl", "4.0", "3.10"),
        ("gluestreaming", "5.0", "3.11"),
        ("glueetl", "6.0", "3.11"),
        ("glueetl", "10.0", "3.11"),
        ("pythonshell", None, "3.9"),
        ("pythonshell", "3.0", "3.9"),
    ],
)
def test_a_jobs_python_is_that_of_its_glue(command: str, glue_version: str | None, python: str) -> None:
    assert python_of(command, glue_version, "3.9") == python


@pytest.mark.parametrize("glue_version", [None, "0.9", "2.0", "3.0"])
def test_a_glue_without_a_python_for_the_library_is_one_sentence(glue_version: str | None) -> None:
    with pytest.raises(ValueError, match=r"Python 3\.7 or older, .* Glue 4\.0 or newer"):
        python_of("glueetl", glue_version)


@pytest.mark.parametrize("there", [True, False], ids=["uv", "neither"])
def test_without_pip_uv_brings_it(there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "find_spec", lambda _: None)
    monkeypatch.setattr(shutil, "which", lambda name, path: f"/bin/{name}" if there else None)
    if there:
        assert package._pip() == ["/bin/uv", "tool", "run", "pip"]
    else:
        with pytest.raises(RuntimeError, match="needs pip or uv"):
            package._pip()
