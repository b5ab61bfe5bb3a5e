# SPDX-License-Identifier: Apache-2.0
"""Building the collector, with a Go that only says what it was asked (no binary needed)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
import yaml

from collector.build import CONFIG, BuildError, UnavailableError, binary, build, main
from glue_tracing.collector.image import COLLECTOR_IMAGE

_BUILDER = """#!/bin/sh
echo "building with $*"
{ending}
mkdir -p source
"""
_GO = """#!/bin/sh
echo "$*" >> "$GO_CALLS"
case "$*" in
*cmd/builder) mkdir -p "$(dirname "$6")" && cp "{builder}" "$6" ;;  # -C FOLDER build -mod=readonly -o BUILDER
*) echo built > source/otelcol && sha256sum source/go.sum | cut -c1-64 >> "$GO_CALLS" ;;
esac
"""


def _script(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def go_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a Go on the PATH that builds both; return the list of what it was asked."""
    tools = tmp_path / "tools"
    tools.mkdir()
    builder = _script(tmp_path / "builder", _BUILDER.format(ending=""))
    _script(tools / "go", _GO.format(builder=builder))
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GO_CALLS", str(tmp_path / "calls"))
    return tmp_path / "calls"


def _no_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))


def test_both_are_built_of_the_modules_that_are_locked_by_hash(tmp_path: Path, go_calls: Path) -> None:
    made = build(directory=tmp_path / "out")

    lock = CONFIG.parent / "lock"
    builder, collector, hashes = go_calls.read_text().splitlines()
    assert builder.startswith(f"-C {lock / 'builder'} build -mod=readonly ")
    assert collector.startswith("-C source build -mod=readonly ")
    assert hashes == hashlib.sha256((lock / "go.sum").read_bytes()).hexdigest()
    parts = "go.opentelemetry.io/collector/receiver/otlpreceiver v0.156.0"
    assert parts in (lock / "go.mod").read_text()
    assert "go.opentelemetry.io/collector/cmd/builder v0.156.0" in (lock / "builder" / "go.mod").read_text()
    assert made.read_text() == "built\n"
    assert not (tmp_path / "out" / "source").exists()


def test_a_second_build_needs_no_go(tmp_path: Path, go_calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = build(directory=tmp_path / "out")
    _no_tools(tmp_path, monkeypatch)

    assert build(directory=tmp_path / "out") == made


def test_another_configuration_is_built_anew(tmp_path: Path, go_calls: Path) -> None:
    build(directory=tmp_path / "out")
    changed = tmp_path / "changed.yaml"
    changed.write_text(CONFIG.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    (tmp_path / "lock").symlink_to(CONFIG.parent / "lock")

    build(config=changed, directory=tmp_path / "out")

    assert len(go_calls.read_text().splitlines()) == 2 * 3


def test_a_missing_go_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _no_tools(tmp_path, monkeypatch)

    with pytest.raises(BuildError, match=r"there is no Go on the PATH; install Go 1\.25 or newer"):
        build(directory=tmp_path / "out")


def test_a_failed_build_shows_the_log(tmp_path: Path, go_calls: Path) -> None:
    _script(tmp_path / "builder", _BUILDER.format(ending="exit 3"))

    with pytest.raises(
        BuildError, match=r"(?s)Could not write the collector's source: .* ended with 3; .*building with"
    ):
        build(directory=tmp_path / "out")

    assert not binary(tmp_path / "out").exists()


def test_a_module_that_the_proxy_refuses_is_one_line_and_a_code_of_its_own(
    tmp_path: Path, go_calls: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refusal = "x/cwlogs@v0.156.0: reading https://proxy.example/x/@v/v0.156.0.zip: 403 Forbidden"
    _script(tmp_path / "builder", _BUILDER.format(ending=f"echo '{refusal}'; exit 1"))

    assert main(["--directory", str(tmp_path / "out")]) == os.EX_UNAVAILABLE

    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert refusal in told


def test_a_build_that_is_broken_is_no_want_of_modules(tmp_path: Path, go_calls: Path) -> None:
    _script(tmp_path / "builder", _BUILDER.format(ending="echo 'client.go:7: undefined: x'; exit 1"))

    with pytest.raises(BuildError, match="undefined: x") as caught:
        build(directory=tmp_path / "out")

    assert not isinstance(caught.value, UnavailableError)


def test_the_module_of_our_own_lies_where_the_configuration_looks_for_it(
    tmp_path: Path, go_calls: Path
) -> None:
    build(directory=tmp_path / "out")

    replaced = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["replaces"]
    (place,) = [line.split(" => ")[1] for line in replaced if " => ." in line]
    assert (tmp_path / "out" / "source" / place).resolve() == tmp_path / "out" / "cwlogs"
    assert (tmp_path / "out" / "cwlogs" / "go.mod").exists()


def test_the_versions_are_looked_at_when_the_image_changes() -> None:
    """Whoever changes the image looks up what it contains, and changes builder.yaml."""
    version = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["dist"]["version"]

    assert f"aws-otel-collector:v{version}@" in COLLECTOR_IMAGE


@pytest.mark.parametrize("file", ["otel-agent-config.yaml", "xray-otlp.yaml"])
def test_the_collector_has_every_part_that_the_configuration_names(file: str) -> None:
    builder = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
    content = yaml.safe_load(
        (CONFIG.parents[1] / "glue_tracing" / "collector" / file).read_text(encoding="utf-8")
    )

    for kind in ("receivers", "processors", "exporters", "extensions"):
        built = [part["gomod"].split()[0].rpartition("/")[2] for part in builder[kind]]
        for name in content.get(kind, {}):
            assert f"{name.split('/')[0].replace('_', '')}{kind[:-1]}" in built
