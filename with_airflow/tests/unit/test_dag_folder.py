# SPDX-License-Identifier: Apache-2.0
"""The zip of the DAG folder: whole but for Airflow, which takes nothing of what is shared for a DAG."""

from __future__ import annotations

import subprocess
import sys
import zipfile

from with_airflow.stacks.dag_bucket import dag_folder_zip

HEADER = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
IMPORT = """
import sys, types
sys.path.insert(0, sys.argv[1])
import data_layout.datasets, data_layout.places
from traced_dag import trace_header
carrier = {"traceparent": "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01"}
print(trace_header(types.SimpleNamespace(context_carrier=carrier), None))
"""


def test_it_holds_what_its_own_code_imports() -> None:
    command = [sys.executable, "-I", "-S", "-c", IMPORT, str(dag_folder_zip())]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (answer.stdout.strip(), answer.stderr) == (HEADER, "")


def test_it_holds_the_list_of_packages_where_mwaa_is_told_that_it_is() -> None:
    names = zipfile.ZipFile(dag_folder_zip()).namelist()
    assert {"listings_report.py", "requirements.txt"} <= set(names)
    assert not [name for name in names if name.endswith((".in", ".pyc"))]


def test_airflow_takes_nothing_of_the_shared_packages_for_a_dag() -> None:
    """Airflow's safe mode: a file is read that has both words in it (``might_contain_dag``)."""
    with zipfile.ZipFile(dag_folder_zip()) as archive:
        shared = [name for name in archive.namelist() if name.startswith(("data_layout/", "xray_common/"))]
        texts = [archive.read(name).lower() for name in shared]
    assert shared
    assert not [text for text in texts if b"dag" in text and b"airflow" in text]
