# SPDX-License-Identifier: Apache-2.0
"""What is built once per installation of the Glue packages, and kept beside them."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_SOURCE = Path(__file__).with_name("S3FileSystem.java")
_WARM_UP = Path(__file__).with_name("warm_up.py")


def _directory(glue_home: Path) -> Path:
    return glue_home / "local-cloud"


def _version(*sources: Path) -> str:
    """Return a hash of the sources, so that a change of one is never served from an old build."""
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]


def file_system_jar(glue_home: Path) -> Path:
    """Return the path of the jar with Spark's way to the local S3, built or not."""
    return _directory(glue_home) / f"s3-{_version(_SOURCE)}.jar"


def class_archive(glue_home: Path, java: Path) -> Path:
    """Return the path of the archive of loaded classes, which halves the time that a Spark start takes.

    Each Java has its own: another one ignores it.
    """
    return _directory(glue_home) / f"spark-{_version(_SOURCE, _WARM_UP, _release(java))}.jsa"


def _release(java: Path) -> Path:
    return java.parent.parent / "release"


def build_file_system(glue_home: Path, *, java: Path, spark_home: Path) -> Path:
    """Compile the S3 file system with Spark's own Janino, in two seconds, unless that was done before."""
    jar = file_system_jar(glue_home)
    if not jar.exists():
        jar.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=jar.parent) as directory:
            classes = Path(directory) / "classes"
            _compile(classes, java=java, class_path=f"{spark_home / 'jars'}/*")
            packed = Path(directory) / jar.name
            with zipfile.ZipFile(packed, "w") as archive:
                for file in sorted(classes.rglob("*.class")):
                    archive.write(file, file.relative_to(classes))
            packed.replace(jar)  # at once: another cloud may be building it as well
    return jar


def _compile(target: Path, *, java: Path, class_path: str) -> None:
    from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway

    port, token = launch_gateway(
        classpath=class_path, die_on_exit=True, java_path=str(java), enable_auth=True
    )
    gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auth_token=token))
    try:
        file = gateway.jvm.java.io.File
        sources: Any = gateway.new_array(file, 1)
        sources[0] = file(str(_SOURCE))
        compiler = gateway.jvm.org.codehaus.janino.Compiler()
        compiler.setDestinationDirectory(file(str(target)), False)
        compiler.compile(sources)
    finally:
        gateway.shutdown()


def build_class_archive(
    glue_home: Path, *, java: Path, command: Sequence[str], environment: dict[str, str]
) -> Path:
    """Run a typical job once and keep the classes that it loaded.

    Takes 20 seconds of a processor and 140 MB. The Java that comes from a package has no archive of its own
    classes either, so that one is made first.

    Parameters
    ----------
    command
        The java command line of the warm-up job.
    environment
        Its environment.
    """
    archive = class_archive(glue_home, java)
    if archive.exists():
        return archive
    archive.parent.mkdir(parents=True, exist_ok=True)
    base = archive.parent / f"java-{_version(_release(java))}.jsa"
    if not base.exists():
        _run([str(java), "-Xshare:dump", f"-XX:SharedArchiveFile={base}", *command[1:2]], environment)
    part = archive.with_suffix(".part")
    options = [f"-XX:SharedArchiveFile={base}", f"-XX:ArchiveClassesAtExit={part}"]
    _run([command[0], *options, *command[1:]], environment)
    for outdated in set(archive.parent.glob("spark-*.jsa")):
        outdated.unlink()  # 140 MB each; a cloud that has one open keeps it
    part.replace(archive)
    return archive


def _run(command: Sequence[str], environment: dict[str, str]) -> None:
    directory = tempfile.mkdtemp()
    try:
        done = subprocess.run(
            command, env=environment, cwd=directory, capture_output=True, text=True, check=False
        )
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
