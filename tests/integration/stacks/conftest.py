# SPDX-License-Identifier: Apache-2.0
"""The synthesized templates, each made once: a synth costs seconds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks

from stacks.otel_solution_stack import OtelSolutionStack
from stacks.settings import Settings

CONTEXT = json.loads((Path(__file__).parents[3] / "cdk.json").read_text())["context"]


class Synthesized:
    """One stack's template, with what tests ask of it."""

    def __init__(self, template: dict[str, Any]) -> None:
        self.template = template
        self.resources: dict[str, dict[str, Any]] = template["Resources"]

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Logical id -> properties of every resource of a type."""
        return {
            id_: resource.get("Properties", {})
            for id_, resource in self.resources.items()
            if resource["Type"] == kind
        }

    def only(self, kind: str, starting: str = "") -> dict[str, Any]:
        """The properties of the one resource of a type whose logical id starts so."""
        found = [properties for id_, properties in self.of_type(kind).items() if id_.startswith(starting)]
        assert len(found) == 1, f"{len(found)} resources of type {kind} starting with {starting!r}"
        return found[0]

    def retained(self) -> list[str]:
        """Logical ids of what ``cdk destroy`` would leave behind."""
        return [
            id_
            for id_, resource in self.resources.items()
            if {resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")} - {None, "Delete"}
        ]

    def buckets_not_emptied(self) -> set[str]:
        """Logical ids of the buckets that could not be deleted because something is in them."""
        emptied = {p["BucketName"]["Ref"] for p in self.of_type("Custom::S3AutoDeleteObjects").values()}
        return set(self.of_type("AWS::S3::Bucket")) - emptied


def build_app(outdir: Path, **context: object) -> cdk.App:
    """An app as ``cdk synth`` makes it: with the context of cdk.json, and cdk-nag looking on."""
    app = cdk.App(context={**CONTEXT, **context}, outdir=str(outdir))
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app


@pytest.fixture(scope="session")
def synth(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Synthesized]:
    """Synthesize the stack with some context values of its own, each combination once: to be read only."""
    made: dict[str, Synthesized] = {}

    def make(env: cdk.Environment | None = None, **context: object) -> Synthesized:
        key = f"{env and env.region} {sorted(context.items())}"
        if key not in made:
            app = build_app(tmp_path_factory.mktemp("cdk.out"), **context)
            settings = Settings.from_context(app.node)
            stack = OtelSolutionStack(app, "OtelSolutionStack", settings=settings, env=env)
            made[key] = Synthesized(app.synth().get_stack_by_name(stack.stack_name).template)
        return made[key]

    return make


@pytest.fixture(scope="session")
def default(synth: Callable[..., Synthesized]) -> Synthesized:
    """What plain ``cdk deploy`` deploys."""
    return synth()


@pytest.fixture(scope="session")
def nat(synth: Callable[..., Synthesized]) -> Synthesized:
    """The variant with everything private behind a NAT gateway."""
    return synth(network="nat")
