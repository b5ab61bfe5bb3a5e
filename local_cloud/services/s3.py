# SPDX-License-Identifier: Apache-2.0
"""S3 as AWS has it where ministack is stricter: ``aws:kms`` without a key means the account's ``aws/s3`` key.

Source: "Using server-side encryption with AWS KMS keys", Amazon S3 User Guide.
"""

from __future__ import annotations

from typing import Any

from local_cloud.emulator import core, service

_ALGORITHM = "x-amz-server-side-encryption"
_KEY_ID = "x-amz-server-side-encryption-aws-kms-key-id"


def split_uri(uri: str) -> tuple[str, str]:
    """Return bucket and key of an ``s3://`` URI.

    Examples
    --------
    >>> split_uri("s3://code/jobs/clean.py")
    ('code', 'jobs/clean.py')
    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def install() -> None:
    """Name the account's own key in every write that asks for KMS and names none."""
    s3 = service("s3")
    resolve = s3._resolve_sse_write_headers

    def resolve_with_default_key(headers: dict[str, str], bucket: str) -> Any:
        if headers.get(_ALGORITHM) == "aws:kms" and not headers.get(_KEY_ID):
            default = s3._bucket_default_sse_headers(bucket).get(_KEY_ID)
            headers = {**headers, _KEY_ID: default or _account_key()}
        return resolve(headers, bucket)

    s3._resolve_sse_write_headers = resolve_with_default_key


def _account_key() -> str:
    responses = core("responses")
    return f"arn:aws:kms:{responses.get_region()}:{responses.get_account_id()}:alias/aws/s3"
