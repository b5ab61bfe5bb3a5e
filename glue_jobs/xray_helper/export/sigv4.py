# SPDX-License-Identifier: Apache-2.0
"""X-Ray's own OTLP endpoint: which endpoints are it, and the signature that it wants.

It takes spans only where Transaction Search is on, a switch of the whole account that is never touched here:
without it X-Ray refuses the request and says so, and the spans are written with PutTraceSegments.
Source: "OTLP endpoints", Amazon CloudWatch user guide,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from xray_helper.clients import aws_client

if TYPE_CHECKING:
    from requests import PreparedRequest

#: Instead of a URL: X-Ray of the job's own region and partition.
XRAY: Final = "xray"
_HOST: Final = re.compile(r"xray(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)")
_SIGNED: Final = ("Content-Type", "Content-Encoding")  # besides the host, the date and the token


@dataclass(frozen=True)
class XRayEndpoint:
    """X-Ray's OTLP endpoint in one region; signs requests as ``auth`` of a requests session.

    Each attempt is signed anew, for a signature ages; botocore refreshes the credentials of the role.
    """

    url: str
    region: str
    credentials: Any

    @classmethod
    def find(cls, endpoint: str) -> XRayEndpoint | None:
        """Recognize X-Ray in the word ``xray`` or in its URL; every other endpoint is a collector.

        Raises
        ------
        botocore.exceptions.BotoCoreError
            No region is known.
        RuntimeError
            There are no credentials.
        ValueError
            The URL has a user, which X-Ray does not know: the credentials are not to get to a host beside it.

        Examples
        --------
        >>> XRayEndpoint.find("http://collector.internal:4318") is None
        True
        """
        known = _region_of(endpoint)
        if endpoint != XRAY and known is None:
            return None
        from botocore.session import get_session

        session = get_session()
        client = aws_client("xray", session=session)
        credentials = session.get_credentials()
        if credentials is None:
            raise RuntimeError("there are no AWS credentials to sign with")
        url = client.meta.endpoint_url if known is None else endpoint
        return cls(
            url=url, region=client.meta.region_name if known is None else known, credentials=credentials
        )

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Sign a request (AWS Signature Version 4, service ``xray``)."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        signed = AWSRequest(
            method=request.method,
            url=request.url,
            data=request.body or b"",
            headers={name: request.headers[name] for name in _SIGNED if name in request.headers},
        )
        SigV4Auth(self.credentials.get_frozen_credentials(), "xray", self.region).add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        return request


def _region_of(endpoint: str) -> str | None:
    """Read the region off X-Ray's URL; None for that of another host."""
    parts = urlsplit(endpoint)
    known = _HOST.fullmatch(parts.hostname or "")
    if known is None or parts.scheme != "https":
        return None
    if "@" in parts.netloc or "\\" in endpoint:
        raise ValueError(
            "the URL of X-Ray has a user or a backslash: nothing is signed for it, leave them out"
        )
    return known[1]
