# SPDX-License-Identifier: Apache-2.0
"""Looks up known vulnerabilities of every pinned package: ``python -m tests.integration.stacks.audit``.

Ends with 1 when there is one, and also when the lookup was not possible: silence would look like safety. What
only tests run fails nothing, and is told: Go's modules when osv.dev does not answer, and the age of the Java.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local_cloud.services.spark import java
from tests.integration.stacks import audit_go, audit_java

ROOT = Path(__file__).parents[3]
PIP_AUDIT = ROOT / ".tools" / "pip-audit" / "bin" / "pip-audit"
SERVICES = ("pypi", "osv")  # where advisories are kept; the second is asked when the first cannot answer
LISTS = (
    "bootstrap.txt",
    "requirements.txt",
    "lambda/requirements.txt",
    "glue_xray/bundle/requirements-3.9.txt",
    "glue_xray/bundle/requirements-3.10.txt",
    "local_cloud/glue-5.1.txt",
    "tests/integration/stacks/checkov.txt",
    "tests/integration/stacks/pip-audit.txt",
)
# The versions of Amazon MWAA's image: AWS chooses them. What is known of them is told, and fails nothing.
MWAA_LISTS = ("with_airflow/local/airflow-3.0.6.txt", "with_airflow/dags/requirements.txt")


class AuditError(Exception):
    """No service knows all packages of a list."""


class UnreachableError(AuditError):
    """No service answered at all: every other list would wait as long, for nothing."""


def main() -> int:
    """Audit all lists, print one line for each finding, and name what could not be asked."""
    findings, audited, not_audited = 0, 0, dict[str, list[str]]()
    lists = (*LISTS, *MWAA_LISTS)
    for position, name in enumerate(lists):
        try:
            found = vulnerabilities(audit(ROOT / name))
        except UnreachableError as error:
            not_audited.setdefault(str(error), []).extend(lists[position:])
            break
        except AuditError as error:
            not_audited.setdefault(str(error), []).append(name)
            continue
        for line in found:
            print(f"audit: {name}: {line}")
        if name in LISTS:
            findings += len(found)
            audited += 1
    findings += _audit_go()
    for reason, names in not_audited.items():
        print(f"audit: not audited: {', '.join(names)}, because {reason}", file=sys.stderr)
    print(f"audit: {findings} known vulnerabilities in {audited} lists of packages")
    _tell_of_java()
    return 1 if findings or not_audited else 0


def _audit_go() -> int:
    """Print what is known of the Go modules, or that nobody could be asked; return the number of findings."""
    try:
        found = audit_go.vulnerabilities(ROOT)
    except OSError as error:
        print(f"audit: not asked: the Go modules of collector/lock, because osv.dev did not answer ({error})")
        return 0
    for line in found:
        print(f"audit: {line}")
    return len(found)


def _tell_of_java() -> None:
    home = java.java_home()
    version = java.version(home)
    lacking = audit_java.missing_updates(version, datetime.now(UTC).date())
    if version[:1] == (java.MAJOR,) and lacking:
        print(
            f"audit: Java {'.'.join(map(str, version))}, which runs Spark in the local cloud, lacks "
            f"{lacking} security updates: install a newer Java {java.MAJOR}, which is used then ({home})"
        )


def audit(requirements: Path) -> dict[str, Any]:
    """Return pip-audit's report about a list, from the first service that knows all its packages.

    Raises
    ------
    AuditError
        When none does. The message names the cause and the next step.
    UnreachableError
        When none answered.
    """
    said, answered = "", False
    for service in SERVICES:
        done = subprocess.run(
            [
                str(PIP_AUDIT),
                *("--requirement", str(requirements), "--no-deps", "--disable-pip"),
                *("--vulnerability-service", service, "--format", "json", "--progress-spinner", "off"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            report: dict[str, Any] = json.loads(done.stdout)
        except json.JSONDecodeError:
            said = (done.stderr.strip().splitlines() or ["no answer"])[-1]
            continue
        answered = True
        skipped = [package for package in report["dependencies"] if "skip_reason" in package]
        if not skipped:
            return report
        said = f"{skipped[0]['skip_reason']} and {len(skipped) - 1} more"
    raise (AuditError if answered else UnreachableError)(
        "neither PyPI's advisories nor osv.dev answered for all packages; run make audit where one "
        f"of them can be reached (pip-audit: {said[:200]})"
    )


def vulnerabilities(report: dict[str, Any]) -> list[str]:
    """One line for each known vulnerability of a report."""
    return [
        f"{package['name']} {package['version']}: {found['id']}, fixed in "
        f"{', '.join(found['fix_versions']) or 'no version'}"
        for package in report["dependencies"]
        for found in package.get("vulns", [])
    ]


if __name__ == "__main__":
    sys.exit(main())
