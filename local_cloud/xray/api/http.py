# SPDX-License-Identifier: Apache-2.0
"""X-Ray's HTTP interface (rest-json) in the form of a ministack service handler."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]

from local_cloud.xray.api.operations import Operations
from local_cloud.xray.api.otlp_endpoint import ACTIONS, OTLP_PATH, OtlpEndpoint
from local_cloud.xray.errors import InvalidRequestError, ThrottledError, XRayApiError
from local_cloud.xray.faults import Fault, FaultSwitch

_PROTOBUF = {"Content-Type": "application/x-protobuf"}  # of OTLP, for refusals too
Response = tuple[int, dict[str, str], bytes]


class XRayApi:
    """Answers requests for X-Ray.

    Parameters
    ----------
    operations
        What each path does.
    faults
        Faults that tests switched on.
    """

    def __init__(self, *, operations: Operations, faults: FaultSwitch) -> None:
        self._operations = operations
        self._faults = faults
        self._otlp = OtlpEndpoint(destination=operations.destination, put=self.put_trace_segments)

    async def handle_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        """Answer one request."""
        if (method, path) == ("POST", OTLP_PATH):
            return await self._take_spans(headers, body)
        if method != "POST" or path not in self._operations.by_path:
            return _error(InvalidRequestError(f"There is no operation {method} {path} in the local X-Ray."))
        name, operation = self._operations.by_path[path]
        fault = self._faults.take(name)
        if fault and fault.mode == "delay":
            await asyncio.sleep(fault.seconds)
        try:
            request = _parse(body)
            answer = _faulty(fault, request) if fault else None
            if answer is None:  # assembling takes a while: not on the loop
                answer = await asyncio.to_thread(operation, request)
            return _ok(answer)
        except XRayApiError as error:
            return _error(error)

    async def _take_spans(self, headers: dict[str, str], body: bytes) -> Response:
        try:
            fault = self._faults.take(ACTIONS[0])
            if fault:
                _faulty(fault, {})
            await asyncio.to_thread(self._otlp.receive, headers, body)
        except XRayApiError as error:
            return error.status, dict(_PROTOBUF), Status(message=str(error)).SerializeToString()
        return 200, dict(_PROTOBUF), b""

    def put_trace_segments(self, documents: list[str]) -> list[dict[str, str]]:
        """Put documents from inside the process, with the same faults; return those that were not processed.

        Raises
        ------
        XRayApiError
            The API refused the call.
        """
        request = {"TraceSegmentDocuments": documents}
        fault = self._faults.take("PutTraceSegments")
        answer = (_faulty(fault, request) if fault else None) or self._operations.put_trace_segments(request)
        unprocessed: list[dict[str, str]] = answer["UnprocessedTraceSegments"]
        return unprocessed


def _parse(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        raise InvalidRequestError("The request is no JSON.") from None
    if not isinstance(request, dict):
        raise InvalidRequestError("The request is no JSON object.")
    return request


def _faulty(fault: Fault, request: dict[str, Any]) -> dict[str, Any] | None:
    if fault.mode == "throttle":
        raise ThrottledError("Rate exceeded")
    if fault.mode == "status":
        error = XRayApiError("Internal failure")
        error.status = fault.status
        raise error
    if fault.mode == "reject":
        documents = request.get("TraceSegmentDocuments", [])
        return {"UnprocessedTraceSegments": [_rejected(document) for document in documents]}
    if fault.mode == "empty":
        return {
            "Traces": [],
            "TraceSummaries": [],
            "UnprocessedTraceIds": request.get("TraceIds", []),
            "UnprocessedTraceSegments": [],
        }
    return None


def _rejected(document: str) -> dict[str, str]:
    try:
        identifier = str(json.loads(document)["id"])
    except (ValueError, KeyError, TypeError):
        identifier = ""
    return {"Id": identifier, "ErrorCode": "InternalFailure", "Message": "A fault that a test switched on."}


def _ok(answer: dict[str, Any]) -> Response:
    return 200, {"Content-Type": "application/json"}, json.dumps(answer).encode()


def _error(error: XRayApiError) -> Response:
    headers = {"Content-Type": "application/json", "x-amzn-errortype": error.code}
    return error.status, headers, json.dumps({"__type": error.code, "Message": str(error)}).encode()
