# SPDX-License-Identifier: Apache-2.0
"""X-Ray's own OTLP endpoint, ``POST /v1/traces``: takes spans where Transaction Search is on.

Elsewhere it answers 400 and says why, as people report it. Here a span becomes the document that a collector
would make of it; the real service keeps the span, and that it shows it so with ``TraceFormat`` ``XRAY`` is
assumed.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping

from local_cloud.xray.api.destination import Destination
from local_cloud.xray.collector import otlp
from local_cloud.xray.collector.exporter import Put, translate
from local_cloud.xray.errors import InvalidRequestError

OTLP_PATH = "/v1/traces"
ACTIONS = ("PutSpans", "PutSpansForIndexing")  # what a role needs for it
_MAX_SPANS = 10_000  # of a request; AWS General Reference, "AWS X-Ray quotas"
_REFUSAL = "The OTLP API is supported with CloudWatch Logs as a Trace Segment Destination."
_DOCUMENTS_PER_PUT = 50


class OtlpEndpoint:
    """Takes spans.

    Parameters
    ----------
    destination
        Whether Transaction Search is on.
    put
        Puts documents into X-Ray and returns those that were not processed.
    """

    def __init__(self, *, destination: Destination, put: Put) -> None:
        self._destination = destination
        self._put = put

    def receive(self, headers: Mapping[str, str], body: bytes) -> None:
        """Take one request.

        Raises
        ------
        InvalidRequestError
            Transaction Search is off, or the body is no OTLP.
        """
        if not self._destination.transaction_search:
            raise InvalidRequestError(_REFUSAL)
        given = {name.lower(): value for name, value in headers.items()}
        try:
            content = gzip.decompress(body) if given.get("content-encoding") == "gzip" else body
            spans = otlp.spans(content, given.get("content-type", otlp.PROTOBUF))
        except (OSError, EOFError, otlp.MalformedRequestError) as error:
            raise InvalidRequestError(str(error)) from error
        if len(spans) > _MAX_SPANS:
            raise InvalidRequestError(f"A request takes up to {_MAX_SPANS} spans.")
        documents = [json.dumps(translate(span)) for span in spans]
        for first in range(0, len(documents), _DOCUMENTS_PER_PUT):
            self._put(documents[first : first + _DOCUMENTS_PER_PUT])
