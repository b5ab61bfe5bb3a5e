# SPDX-License-Identifier: Apache-2.0
"""Applications: their record, as GetApplication shows it, and their states.

Source: "Interacting with and configuring an EMR Serverless application", "Application states".
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

from local_cloud.emulator import ApiError, core

Key = tuple[str, str, str]  # account, region, application id
_DELETABLE = ("CREATED", "STOPPED")
_CHANGEABLE = ("CREATED", "STOPPED")
_NOT_SHOWN = ("clientToken", "applicationId")


class Applications:
    """The applications of every account and region."""

    def __init__(self) -> None:
        self._records: dict[Key, dict[str, Any]] = {}

    def create(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Create an application, which is ready at once; return its record."""
        responses, now = core("responses"), time.time()
        account, region = responses.get_account_id(), responses.get_region()
        identifier = f"00{secrets.token_hex(7)}"
        record = {
            "architecture": "X86_64",
            "autoStartConfiguration": {"enabled": True},
            "autoStopConfiguration": {"enabled": True, "idleTimeoutMinutes": 15},
            **{name: value for name, value in request.items() if name not in _NOT_SHOWN},
            "applicationId": identifier,
            "arn": f"arn:aws:emr-serverless:{region}:{account}:/applications/{identifier}",
            "type": str(request.get("type", "")).capitalize(),
            "state": "CREATED",
            "stateDetails": "",
            "createdAt": now,
            "updatedAt": now,
        }
        self._records[account, region, identifier] = record
        return record

    def get(self, identifier: str) -> dict[str, Any]:
        """Return a record.

        Raises
        ------
        ApiError
            ``ResourceNotFoundException``.
        """
        record = self._records.get(self._key(identifier))
        if record is None:
            raise ApiError("ResourceNotFoundException", f"Application {identifier} does not exist")
        return record

    def all(self) -> list[dict[str, Any]]:
        """Return every record of this account and region, the oldest first."""
        account, region, _ = self._key("")
        return [record for key, record in self._records.items() if key[:2] == (account, region)]

    def update(self, identifier: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Update an application that is not started; return its record."""
        record = self.get(identifier)
        self._check(record, _CHANGEABLE)
        record.update({name: value for name, value in request.items() if name not in _NOT_SHOWN})
        record["updatedAt"] = time.time()
        return record

    def enter(self, identifier: str, state: str) -> None:
        """Put an application into a state at once, as StartApplication and StopApplication do."""
        self.get(identifier).update(state=state, updatedAt=time.time())

    def delete(self, identifier: str) -> None:
        """Delete an application.

        Raises
        ------
        ApiError
            ``ValidationException`` for one that is started, as AWS does: CloudFormation does not stop it.
        """
        self._check(self.get(identifier), _DELETABLE)
        del self._records[self._key(identifier)]

    @staticmethod
    def _check(record: Mapping[str, Any], states: tuple[str, ...]) -> None:
        if record["state"] not in states:
            raise ApiError(
                "ValidationException",
                f"Application {record['applicationId']} must be in one of the following statuses "
                f"[{', '.join(states)}]. Current status: {record['state']}",
            )

    @staticmethod
    def _key(identifier: str) -> Key:
        responses = core("responses")
        return responses.get_account_id(), responses.get_region(), identifier
