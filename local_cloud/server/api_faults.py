# SPDX-License-Identifier: Apache-2.0
"""Faults of AWS APIs, switched on from outside, for tests of what a caller makes of them.

At the cloud's endpoint, see ``local_cloud.control``::

    GET    /_local_cloud/faults
           [{"service": "states", "operation": "StartExecution", "code": ..., "left": 2}]
    POST   /_local_cloud/faults
           {"service": "states", "operation": "StartExecution", "code": "ThrottlingException",
            "status": 400, "message": "Rate exceeded", "count": 2, "seconds": 0, "executed": false}
    DELETE /_local_cloud/faults

``operation`` is the API's name, for S3 the HTTP method and the resource (``GET /bucket/key``, matched from
its start). ``seconds`` delays the answer; ``executed`` lets the operation take place before its answer is
lost to the error. Without ``code`` the answer is only late. Step Functions' own calls to Glue are no
requests: what they meet is made with the job itself (its concurrency limit, its script).
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from typing import Any

from local_cloud.emulator import Response, answer_at, app
from local_cloud.faults import CountedFault, Faults

PATH = "/_local_cloud/faults"
_S3_ERROR = (
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
)


@dataclass(kw_only=True)
class ApiFault(CountedFault):
    """One fault; see the module's documentation."""

    service: str
    operation: str = ""
    code: str | None = None
    status: int = 400
    message: str = "A fault of the local cloud"
    executed: bool = False


class ApiFaults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self._faults: Faults[ApiFault] = Faults()

    def install(self) -> None:
        """Put the faults before every service that has been registered so far."""
        application = app()
        for name, handler in application.SERVICE_HANDLERS.items():
            application.SERVICE_HANDLERS[name] = self._around(name, handler)
        answer_at(PATH, self._control)

    def _control(self, method: str, body: bytes) -> list[dict[str, Any]]:
        if method == "POST":
            self._faults.add(ApiFault(**json.loads(body)))
        elif method == "DELETE":
            self._faults.clear()
        return [{**asdict(fault), "left": fault.count} for fault in self._faults.active()]

    def _around(self, service: str, handler: Any) -> Any:
        async def handle(
            method: str, path: str, headers: dict[str, str], body: bytes, query: Any
        ) -> Response:
            operation = headers.get("x-amz-target", "").rpartition(".")[2] or f"{method} {path}"
            fault = self._faults.take(
                lambda fault: fault.service == service and operation.startswith(fault.operation)
            )
            if fault is None:
                response: Response = await handler(method, path, headers, body, query)
                return response
            return await _misbehave(fault, handler, (method, path, headers, body, query))

        return handle


async def _misbehave(fault: ApiFault, handler: Any, request: tuple[Any, ...]) -> Response:
    answer: Response | None = None
    if fault.executed or fault.code is None:
        answer = await handler(*request)
    await asyncio.sleep(fault.seconds)
    if fault.code is None and answer is not None:
        return answer
    if fault.service == "s3":
        text = _S3_ERROR.format(code=fault.code, message=fault.message)
        return fault.status, {"Content-Type": "application/xml"}, text.encode()
    error = {"__type": fault.code, "message": fault.message}
    headers = {"Content-Type": "application/x-amz-json-1.0", "x-amzn-errortype": str(fault.code)}
    return fault.status, headers, json.dumps(error).encode()
