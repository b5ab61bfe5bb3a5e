# SPDX-License-Identifier: Apache-2.0
"""The templates of both stacks with ``airflow=mwaa``, each made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from stacks.otel_solution_stack import OtelSolutionStack
from stacks.settings import Settings
from tests.integration.stacks.conftest import Synthesized, build_app, default, synth
from with_airflow.stacks.airflow_stack import AirflowStack

__all__ = ["Both", "default", "synth", "synthesize"]


@dataclass(frozen=True)
class Both:
    """The Airflow stack, and the main one that it builds on."""

    airflow: Synthesized
    main: Synthesized


def synthesize(directory: Path, **context: object) -> Both:
    """Both templates, with some context values of their own."""
    app = build_app(directory, airflow="mwaa", **context)
    settings = Settings.from_context(app.node)
    main = OtelSolutionStack(app, "OtelSolutionStack", settings=settings)
    AirflowStack(app, "AirflowStack", main=main, settings=settings)
    assembly = app.synth()
    airflow, first = (assembly.get_stack_by_name(name) for name in ("AirflowStack", "OtelSolutionStack"))
    return Both(Synthesized(airflow.template), Synthesized(first.template))


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Both]:
    """Synthesize with some context values."""

    def make(**context: object) -> Both:
        return synthesize(tmp_path_factory.mktemp("cdk.out"), **context)

    return make


@pytest.fixture(scope="session")
def deployed(both: Callable[..., Both]) -> Both:
    """What ``cdk deploy --all -c airflow=mwaa`` deploys."""
    return both()


@pytest.fixture(scope="session")
def stack(deployed: Both) -> Synthesized:
    """The Airflow stack of it."""
    return deployed.airflow


@pytest.fixture(scope="session")
def cluster(both: Callable[..., Both]) -> Synthesized:
    """The variant with a transient EMR cluster."""
    return both(emr="cluster").airflow


@pytest.fixture(scope="session")
def bare(both: Callable[..., Both]) -> Both:
    """Everything that can be left out left out, and the main stack behind its NAT gateway."""
    return both(customer_key="none", access_logs="disabled", network="nat")
