# SPDX-License-Identifier: Apache-2.0
"""An account with a Glue, and an S3 and an IAM that note what they are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from glue_xray import bundle
from glue_xray.attach.clients import Clients
from local_cloud.emulator import service
from tests.unit.glue_xray.fake_glue import FakeGlue

LIBRARY = b"zip"


@dataclass
class FakeS3:
    objects: dict[str, bytes] = field(default_factory=dict)

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803 - boto3's names
        self.objects[f"s3://{Bucket}/{Key}"] = Body


@dataclass
class FakeIam:
    """A role that may do what ``allowed`` says: prefixes of resources, for every action."""

    allowed: tuple[str, ...] = ("*", "arn:aws:s3:::assets/")
    policies: dict[tuple[str, str], str] = field(default_factory=dict)
    editable: bool = True

    def get_role(self, *, RoleName: str) -> dict[str, Any]:  # noqa: N803
        return {"Role": {"Arn": f"arn:aws:iam::000000000000:role/{RoleName}"}}

    def simulate_principal_policy(
        self, *, PolicySourceArn: str, ActionNames: list[str], ResourceArns: list[str]  # noqa: N803
    ) -> dict[str, Any]:  # fmt: skip
        [resource] = ResourceArns
        decision = "allowed" if resource.startswith(self.allowed) else "implicitDeny"
        return {
            "EvaluationResults": [{"EvalActionName": name, "EvalDecision": decision} for name in ActionNames]
        }

    def put_role_policy(self, *, RoleName: str, PolicyName: str, PolicyDocument: str) -> None:  # noqa: N803
        if not self.editable:
            raise ClientError({"Error": {"Code": "UnmodifiableEntity", "Message": "no"}}, "PutRolePolicy")
        self.policies[RoleName, PolicyName] = PolicyDocument

    def delete_role_policy(self, *, RoleName: str, PolicyName: str) -> None:  # noqa: N803
        if (RoleName, PolicyName) not in self.policies:
            raise ClientError({"Error": {"Code": "NoSuchEntity", "Message": "no"}}, "DeleteRolePolicy")
        del self.policies[RoleName, PolicyName]


@dataclass
class Account:
    glue: FakeGlue = field(default_factory=FakeGlue)
    s3: FakeS3 = field(default_factory=FakeS3)
    iam: FakeIam = field(default_factory=FakeIam)
    built: list[str] = field(default_factory=list)
    folder: Path = Path()

    def create(self, name: str = "orders", **members: Any) -> dict[str, Any]:
        """Make a job, and return what GetJob shows of it."""
        command = {"Name": "glueetl", "ScriptLocation": "s3://assets/jobs/orders.py", "PythonVersion": "3"}
        self.glue.client.create_job(
            **{"Name": name, "Role": "GlueRole", "Command": command, "GlueVersion": "5.0", **members}
        )
        return self.glue.job(name)

    def build(self, python: str) -> Path:
        self.built.append(python)
        library = self.folder / "library.zip"
        library.write_bytes(LIBRARY)
        return library


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Account]:
    fake = Account(folder=tmp_path)
    monkeypatch.setattr(Clients, "make", lambda: Clients(fake.glue.client, fake.s3, fake.iam))
    monkeypatch.setattr(bundle, "library_zip", fake.build)
    yield fake
    service("glue").reset()
