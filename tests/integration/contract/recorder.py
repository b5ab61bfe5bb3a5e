# SPDX-License-Identifier: Apache-2.0
"""Listens to botocore: every answer of an API, as it came, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.model import OperationModel

from tests.integration.contract.shapes import answer_violations

_OK = 300  # HTTP: answers from here on are errors


@dataclass
class Recorder:
    """Makes clients, and collects what they are answered.

    Attributes
    ----------
    endpoint, credentials
        Of the cloud, the credentials as keywords of boto3.
    operations
        ``service:Operation`` of every call that was answered.
    violations
        Where answers differ from the model.
    """

    endpoint: str
    credentials: Mapping[str, str]
    operations: set[str] = field(default_factory=set)
    violations: list[str] = field(default_factory=list)

    def client(self, service: str) -> Any:
        """Make a client that is listened to and repeats nothing by itself."""
        client = boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            **self.credentials,
            config=Config(retries={"total_max_attempts": 1}, proxies={}),
        )
        client.meta.events.register("before-parse", self._record)
        return client

    def _record(self, operation_model: OperationModel, response_dict: dict[str, Any], **_: Any) -> None:
        service = operation_model.service_model
        name = f"{service.service_name}:{operation_model.name}"
        self.operations.add(name)
        if "json" not in service.metadata["protocol"] or response_dict["status_code"] >= _OK:
            return  # XML has no types to get wrong; errors have shapes of their own
        if not isinstance(response_dict["body"], bytes):
            return  # a stream: the caller's own data, as Lambda's Invoke returns it
        body = json.loads(response_dict["body"] or b"{}")
        self.violations += [
            f"{service.service_name}:{text}" for text in answer_violations(operation_model, body)
        ]
