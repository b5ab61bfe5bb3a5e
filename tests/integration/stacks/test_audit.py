# SPDX-License-Identifier: Apache-2.0
"""The audit never mistakes silence for safety, and the lists it reads are all there are and all hashed."""

from __future__ import annotations

import io
import json
import subprocess
import urllib.request
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from local_cloud.services.spark import java
from tests.integration.stacks import audit, audit_go, audit_java

KNOWN: dict[str, Any] = {"name": "jinja2", "version": "3.1.0", "vulns": []}
SKIPPED = {"name": "private", "skip_reason": "Dependency not found on PyPI"}
BAD = {"name": "x", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1", "2.0"]}]}


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing known of Go's modules, and a Java of today, where a test does not say otherwise."""
    monkeypatch.setattr(audit_go, "vulnerabilities", lambda root: [])
    monkeypatch.setattr(java, "version", lambda home: (17, 0, 9999))


def answers(monkeypatch: pytest.MonkeyPatch, **by_service: object) -> list[list[str]]:
    """Let pip-audit print a report for each service, text for an error without one; return its commands."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        given = by_service[command[command.index("--vulnerability-service") + 1]]
        if isinstance(given, str):
            return subprocess.CompletedProcess(command, 1, stdout="", stderr=given)
        return subprocess.CompletedProcess(command, 0, stdout=json.dumps({"dependencies": given}), stderr="")

    monkeypatch.setattr(subprocess, "run", run)
    return commands


def test_a_clean_list_passes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answers(monkeypatch, pypi=[KNOWN])
    assert audit.main() == 0
    assert capsys.readouterr().out == "audit: 0 known vulnerabilities in 8 lists of packages\n"


def test_a_vulnerability_fails_and_says_where_it_is_fixed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(monkeypatch, pypi=[KNOWN, BAD])
    assert audit.main() == 1
    assert "lambda/requirements.txt: x 1.0: PYSEC-1, fixed in 1.1, 2.0\n" in capsys.readouterr().out


def test_what_is_known_of_mwaas_own_versions_is_told_and_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lists = {KNOWN["name"]: (audit.LISTS, KNOWN), BAD["name"]: (audit.MWAA_LISTS, BAD)}
    reports = {name: {"dependencies": [found]} for names, found in lists.values() for name in names}
    monkeypatch.setattr(audit, "audit", lambda path: reports[str(path.relative_to(audit.ROOT))])
    assert audit.main() == 0
    assert "with_airflow/local/airflow-3.0.6.txt: x 1.0: PYSEC-1" in capsys.readouterr().out


def test_the_second_service_is_asked_when_the_first_skips_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, pypi=[KNOWN, SKIPPED], osv=[KNOWN])
    assert audit.main() == 0


@pytest.mark.parametrize(
    ("pypi", "commands"), [("no such host", 2), ([KNOWN, SKIPPED], 2 * len(audit.LISTS + audit.MWAA_LISTS))]
)
def test_without_a_network_each_list_is_named_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], pypi: Any, commands: int
) -> None:
    asked = answers(monkeypatch, pypi=pypi, osv="Traceback\nConnectionError: no such host")
    assert audit.main() == 1
    assert len(asked) == commands
    said = capsys.readouterr()
    assert said.err == (
        f"audit: not audited: {', '.join((*audit.LISTS, *audit.MWAA_LISTS))}, because neither PyPI's "
        "advisories nor osv.dev answered for all packages; run make audit where one of them can be reached "
        "(pip-audit: ConnectionError: no such host)\n"
    )
    assert said.out == "audit: 0 known vulnerabilities in 0 lists of packages\n"


def test_a_list_with_an_unknown_package_fails_and_the_others_are_audited(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def look(path: Path) -> dict[str, Any]:
        if path.name == "bootstrap.txt":
            raise audit.AuditError("nobody knows one of its packages")
        return {"dependencies": [BAD if path.parent.name == "lambda" else KNOWN]}

    monkeypatch.setattr(audit, "audit", look)
    assert audit.main() == 1
    said = capsys.readouterr()
    assert said.err == "audit: not audited: bootstrap.txt, because nobody knows one of its packages\n"
    assert "lambda/requirements.txt: x 1.0: PYSEC-1" in said.out
    assert "1 known vulnerabilities in 7 lists" in said.out


def test_known_vulnerabilities_of_gos_modules_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(monkeypatch, pypi=[KNOWN])
    monkeypatch.setattr(audit_go, "vulnerabilities", lambda root: ["collector/lock/go.mod: x 1.0: GO-1"])
    assert audit.main() == 1
    assert "audit: collector/lock/go.mod: x 1.0: GO-1\n" in capsys.readouterr().out


def test_osv_is_asked_for_each_module_in_the_version_that_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def answer(request: urllib.request.Request, timeout: float) -> io.BytesIO:
        assert isinstance(request.data, bytes)
        asked.extend(json.loads(request.data)["queries"])
        results = [
            {"vulns": [{"id": "GO-2"}]} if q["package"]["name"] == "go.uber.org/zap" else {} for q in asked
        ]
        return io.BytesIO(json.dumps({"results": results}).encode())

    monkeypatch.undo()
    monkeypatch.setattr(urllib.request, "urlopen", answer)
    found = audit_go.vulnerabilities(audit.ROOT)
    versions = {query["package"]["name"]: query["version"] for query in asked}
    contrib = "github.com/open-telemetry/opentelemetry-collector-contrib"
    assert versions[f"{contrib}/exporter/awsemfexporter"] == "0.156.0"
    assert versions[f"{contrib}/internal/aws/xray"] == "0.145.0"  # replaced
    assert f"{contrib}/internal/aws/cwlogs" not in versions  # our own
    assert {query["package"]["ecosystem"] for query in asked} == {"Go"}
    assert [line.partition(": go.uber")[0] for line in found] == list(audit_go.LOCKS)


def test_what_could_not_be_asked_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def silent(root: Path) -> list[str]:
        raise OSError("no such host")

    answers(monkeypatch, pypi=[KNOWN])
    monkeypatch.setattr(audit_go, "vulnerabilities", silent)
    assert audit.main() == 0
    said = capsys.readouterr().out
    assert (
        "not asked: the Go modules of collector/lock, because osv.dev did not answer (no such host)" in said
    )


def test_a_java_that_lacks_updates_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(monkeypatch, pypi=[KNOWN])
    monkeypatch.setattr(java, "version", lambda home: (17, 0, 9))
    assert audit.main() == 0
    assert "audit: Java 17.0.9, which runs Spark in the local cloud, lacks " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("version", "day", "lacking"),
    [
        ((17, 0, 9), date(2023, 11, 1), 0),
        ((17, 0, 9), date(2024, 1, 22), 1),
        ((17, 0, 15), date(2025, 5, 1), 0),
        ((17,), date(2021, 10, 31), 1),
        ((17, 0, 10, 1), date(2024, 2, 1), 0),
    ],
)
def test_a_java_lacks_one_update_for_each_quarter(version: tuple[int, ...], day: date, lacking: int) -> None:
    """17.0.9 is that of October 2023, 17.0.10 of January 2024, 17.0.15 of April 2025."""
    assert audit_java.missing_updates(version, day) == lacking


def test_every_list_of_packages_is_audited_and_hashed() -> None:
    folders = [
        "",
        "lambda",
        "glue_xray/bundle",
        "local_cloud",
        "with_airflow/dags",
        "with_airflow/local",
        "tests/integration/stacks",
    ]
    written = {
        str(path.with_suffix(".txt").relative_to(audit.ROOT))
        for folder in folders
        for path in (audit.ROOT / folder).glob("*.in")
    }
    assert written == {*audit.LISTS, *audit.MWAA_LISTS}
    for name in written:
        _assert_hashed(audit.ROOT / name)


def _assert_hashed(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    pinned = [line for line in lines if line and not line.startswith("#")]
    assert pinned
    for line in pinned:
        assert "==" in line.split("--hash=sha256:")[0], line
        assert "--hash=sha256:" in line, line
