# SPDX-License-Identifier: Apache-2.0
"""One crawl: the objects below each S3 target, what they hold, and the tables that come of it.

Objects with the same columns in one place are one table, named after the place; others are a table each
("How does a crawler determine when to create partitions?", AWS Glue Developer Guide). Not crawled here:
partitions, exclusions, other stores than S3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from local_cloud.environment import REGION
from local_cloud.services.glue.crawlers.classify import HEAD_BYTES, Found, classify
from local_cloud.services.glue.crawlers.log_lines import CrawlLog
from local_cloud.services.iam import permissions
from local_cloud.services.s3 import split_uri

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9_]")
_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "aws_access_key_id",
    "AWS_SECRET_ACCESS_KEY": "aws_secret_access_key",
    "AWS_SESSION_TOKEN": "aws_session_token",
}


class CrawlError(Exception):
    """The crawl failed; the text says why."""


def crawl(crawler: Mapping[str, Any], *, endpoint: str, log: CrawlLog, stopped: Callable[[], bool]) -> bool:
    """Crawl all S3 targets in the name of the crawler's role; False when it was stopped.

    Raises
    ------
    CrawlError
        The role may not read an object or write the catalog.
    """
    log.info(f"Running Start Crawl for Crawler {crawler['Name']}")
    s3, glue = (_client(name, crawler, endpoint) for name in ("s3", "glue"))
    for target in (crawler.get("Targets") or {}).get("S3Targets") or []:
        bucket, prefix = split_uri(target["Path"])
        try:
            found = {key: _look(s3, bucket, key) for key in _keys(s3, bucket, prefix)}
            if stopped():
                return False
            for name, place, content in _tables(bucket, prefix, found):
                table = crawler.get("TablePrefix", "") + name
                _put(glue, crawler["DatabaseName"], table, place, content, log)
        except ClientError as error:
            raise CrawlError(f"The crawl of {target['Path']} was refused: {error}") from error
    return not stopped()


def _client(name: str, crawler: Mapping[str, Any], endpoint: str) -> Any:
    import boto3

    credentials = permissions.session_credentials(str(crawler["Role"]), "AWS-Crawler")
    own = {_CREDENTIALS[variable]: value for variable, value in credentials.items()}
    return boto3.client(name, endpoint_url=endpoint, region_name=REGION, **own)


def _keys(s3: Any, bucket: str, prefix: str) -> Iterator[str]:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            if item["Size"] and not item["Key"].endswith("/"):
                yield item["Key"]


def _look(s3: Any, bucket: str, key: str) -> Found:
    answer = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes=0-{HEAD_BYTES - 1}")
    return classify(key, answer["Body"].read())


def _tables(bucket: str, prefix: str, found: Mapping[str, Found]) -> Iterator[tuple[str, str, Found]]:
    """Name, location and content of each table."""
    contents = list(found.values())
    if contents and all(content.is_like(contents[0]) for content in contents):
        folder = prefix.rstrip("/").rpartition("/")[2] or bucket
        yield _name(folder), f"s3://{bucket}/{prefix}", contents[0]
        return
    for key, content in found.items():
        yield _name(key.rpartition("/")[2]), f"s3://{bucket}/{key}", content


def _name(text: str) -> str:
    return _NOT_IN_A_NAME.sub("_", text.lower())


def _put(glue: Any, database: str, name: str, place: str, content: Found, log: CrawlLog) -> None:
    table = {"Name": name, "TableType": "EXTERNAL_TABLE", **content.table(place)}
    try:
        glue.get_table(DatabaseName=database, Name=name)
    except glue.exceptions.EntityNotFoundException:
        glue.create_table(DatabaseName=database, TableInput=table)
        log.info(f"Created table {name} in database {database}")
    else:
        glue.update_table(DatabaseName=database, TableInput=table)
        log.info(f"Updated table {name} in database {database}")
