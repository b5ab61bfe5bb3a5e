# SPDX-License-Identifier: Apache-2.0
"""Where a DAG run writes: nowhere, when the key that it was triggered with can name no data set."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType

import pytest

from data_layout.datasets import NotADataSet


@pytest.fixture
def output_uri(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str], str]:
    """The macro, with an Airflow that knows one option."""
    configuration = ModuleType("airflow.configuration")
    configuration.conf = type("Conf", (), {"get": lambda *_: "bucket"})()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "airflow", ModuleType("airflow"))
    monkeypatch.setitem(sys.modules, "airflow.configuration", configuration)
    monkeypatch.delitem(sys.modules, "listings_uris", raising=False)
    import listings_uris

    return listings_uris.output_uri


def test_the_layout_is_that_of_the_main_stack(output_uri: Callable[[str, str, str], str]) -> None:
    assert output_uri("clean", "input/2026/listings.csv", "nightly-7") == (
        "s3://bucket/clean/2026/listings/run_id=nightly-7"
    )


@pytest.mark.parametrize(
    "key",
    [
        "input/listings/run_id=nightly-7.csv",
        "input/../x.csv",
        "input/_x/a.csv",
        "input/notes.txt",
        "clean/x.csv",
    ],
)
def test_a_key_that_the_function_refuses_is_refused_here(
    output_uri: Callable[[str, str, str], str], key: str
) -> None:
    with pytest.raises(NotADataSet):
        output_uri("clean", key, "nightly-7")
