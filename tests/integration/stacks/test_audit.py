# SPDX-License-Identifier: Apache-2.0
"""The audit never mistakes silence for safety, and the lists it reads are all there are and all hashed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.integration.stacks import audit

KNOWN: dict[str, Any] = {"name": "jinja2", "version": "3.1.0", "vulns": []}
SKIPPED = {"name": "private", "skip_reason": "Dependency not found on PyPI"}
BAD = {"name": "x", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1", "2.0"]}]}


def answers(monkeypatch: pytest.MonkeyPatch, **by_service: object) -> None:
    """Let pip-audit print a report for each service; text stands for an error without a report."""

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        given = by_service[command[command.index("--vulnerability-service") + 1]]
        if isinstance(given, str):
            return subprocess.CompletedProcess(command, 1, stdout="", stderr=given)
        return subprocess.CompletedProcess(command, 0, stdout=json.dumps({"dependencies": given}), stderr="")

    monkeypatch.setattr(subprocess, "run", run)


def test_a_clean_list_passes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answers(monkeypatch, pypi=[KNOWN])
    assert audit.main() == 0
    assert capsys.readouterr().out == "audit: 0 known vulnerabilities in 6 lists of packages\n"


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


def test_no_answer_is_an_error_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(monkeypatch, pypi=[KNOWN, SKIPPED], osv="Traceback\nConnectionError: no such host")
    assert audit.main() == 1
    assert capsys.readouterr().err == (
        "audit: requirements.txt could not be audited, because neither PyPI's advisories nor osv.dev "
        "answered for its packages; run make audit where one of them can be reached "
        "(pip-audit: ConnectionError: no such host)\n"
    )


def test_every_list_of_packages_is_audited_and_hashed() -> None:
    folders = [
        "",
        "lambda",
        "glue_jobs",
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
