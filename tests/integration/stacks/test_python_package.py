# SPDX-License-Identifier: Apache-2.0
"""The zips that go to Lambda and Glue."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from stacks import own_wheel
from stacks import python_package as package
from stacks.own_wheel import wheel_packages
from stacks.packages import GLUE_JOBS, ROOT, glue_library_zip, start_pipeline_zip

PACKED = [
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "glue_jobs",
    "glue_xray",
    "trace_viewer",
    "local_cloud",
    "loopback",
]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "__pycache__" / "module.cpython-311.pyc").write_bytes(b"compiled")
    (folder / "module.py").write_text("ANSWER = 42\n")
    return folder


@pytest.fixture
def empty_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(package, "BUILD", tmp_path / "build")
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("# nothing\n")
    return requirements


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_same_source_gives_the_same_bytes_whenever_and_wherever(source: Path, empty_list: Path) -> None:
    # Given a zip, and the same files again with other times and other compiled leftovers
    first = package.python_package("x", sources={"code": source}, requirements=empty_list)
    before = digest(first)
    first.unlink()
    os.utime(source / "module.py", (0, 0))
    (source / "__pycache__" / "other.pyc").write_bytes(b"more")
    # When it is built again
    again = package.python_package("x", sources={"code": source}, requirements=empty_list)
    # Then nothing differs
    assert (again, digest(again)) == (first, before)


def test_a_zip_holds_the_sources_and_nothing_compiled(source: Path, empty_list: Path) -> None:
    built = package.python_package("x", sources={"code": source}, requirements=empty_list)
    assert zipfile.ZipFile(built).namelist() == ["code/", "code/module.py"]


def test_a_namespace_package_is_found_inside_a_zip(tmp_path: Path, empty_list: Path) -> None:
    # Given a folder without __init__.py above a module, as opentelemetry/ is one
    inner = tmp_path / "namespace_of_test" / "part"
    inner.mkdir(parents=True)
    (inner / "__init__.py").write_text("ANSWER = 42\n")
    sources = {"namespace_of_test": tmp_path / "namespace_of_test"}
    built = package.python_package("x", sources=sources, requirements=empty_list)
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


def test_a_changed_source_gives_another_zip(source: Path, empty_list: Path) -> None:
    first = package.python_package("x", sources={"code": source}, requirements=empty_list)
    (source / "module.py").write_text("ANSWER = 43\n")
    assert package.python_package("x", sources={"code": source}, requirements=empty_list) != first


def test_two_builds_at_once_do_not_disturb_each_other(source: Path, empty_list: Path) -> None:
    # Given the same package, built by two processes that both find nothing in the cache
    code = (
        "import sys; from pathlib import Path; from stacks import python_package as package; "
        "package.BUILD, source, requirements = (Path(argument) for argument in sys.argv[1:]); "
        "print(package.python_package('x', sources={'code': source}, requirements=requirements))"
    )
    command = [sys.executable, "-c", code, str(package.BUILD), str(source), str(empty_list)]
    root = Path(package.__file__).parents[1]
    builds = [subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    # When both have ended
    built = [build.communicate()[0].strip() for build in builds]
    # Then both name the same whole zip, and nothing unfinished is left
    assert [build.returncode for build in builds] == [0, 0]
    assert built[0] == built[1]
    assert zipfile.ZipFile(built[0]).testzip() is None
    assert {path.suffix for path in package.BUILD.iterdir() if path.is_file()} == {".zip"}


def test_a_second_build_asks_pip_for_nothing(
    source: Path, empty_list: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = package.python_package("x", sources={"code": source}, requirements=empty_list)

    def no_pip(*_: object, **__: object) -> None:
        pytest.fail("pip was started")

    monkeypatch.setattr(subprocess, "run", no_pip)
    assert package.python_package("x", sources={"code": source}, requirements=empty_list) == first


def test_a_list_that_cannot_be_installed_ends_in_one_sentence(
    source: Path, empty_list: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty_list.write_text("nosuchpackage==1.0 --hash=sha256:" + "0" * 64 + "\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(RuntimeError) as caught:
        package.python_package("x", sources={"code": source}, requirements=empty_list)
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
    assert not {entry for entry in names if entry.endswith((".so", ".pyd", ".pyc"))}


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


def test_the_wheel_is_built_once_and_its_bytes_depend_on_its_files_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a wheel in an empty cache, and the same sources in another checkout, with other times
    checkout = tmp_path / "checkout"
    for name in subprocess.run(
        ["git", "ls-files", *PACKED], cwd=own_wheel.ROOT, capture_output=True, text=True, check=True
    ).stdout.split():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_bytes((own_wheel.ROOT / name).read_bytes())
    monkeypatch.setattr(package, "BUILD", tmp_path / "first")
    first = wheel_packages("xray_helper")["xray_helper"].parent
    # When it is built there
    monkeypatch.setattr(package, "BUILD", tmp_path / "second")
    monkeypatch.setattr(own_wheel, "ROOT", checkout)
    second = wheel_packages("xray_helper")["xray_helper"].parent
    # Then name and bytes are the same
    assert second.name == first.name
    assert [digest(wheel) for wheel in second.glob("*.whl")] == [
        digest(wheel) for wheel in first.glob("*.whl")
    ]
    # And a second request starts no program; a changed source does
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("a program was started"))
    assert wheel_packages("xray_helper")["xray_helper"].parent == second
    (checkout / "trace_viewer" / "__init__.py").write_text("# changed\n")
    with pytest.raises(pytest.fail.Exception):
        wheel_packages("xray_helper")
