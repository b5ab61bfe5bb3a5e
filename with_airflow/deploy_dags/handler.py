# SPDX-License-Identifier: Apache-2.0
"""A CloudFormation custom resource: the files of one zip, unpacked below a prefix of a bucket.

MWAA reads its requirements by object version, which is known after the upload: the resource returns it as its
attribute ``RequirementsVersion``. A file that left the zip leaves the bucket. Deletion is left to the bucket.

Protocol: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
"""

from __future__ import annotations

import io
import json
import logging
import urllib.request
import zipfile
from typing import Any

import boto3

REQUIREMENTS = "requirements.txt"
ANSWER_TIMEOUT = 10  # seconds
log = logging.getLogger("deploy_dags")
log.setLevel(logging.INFO)


def handler(event: dict[str, Any], context: object) -> None:
    """Do what CloudFormation requests and send it the outcome, for which it waits an hour."""
    try:
        answer = {"Status": "SUCCESS", "Data": _deploy(event)}
    except Exception as error:  # whatever it is, CloudFormation must be answered
        log.exception("the DAG folder could not be deployed")
        answer = {"Status": "FAILED", "Reason": f"The DAG folder could not be deployed: {error}"}
    _answer(event, answer)


def _deploy(event: dict[str, Any]) -> dict[str, str]:
    if event["RequestType"] == "Delete":
        return {}
    properties = event["ResourceProperties"]
    s3 = boto3.client("s3")
    bucket, prefix = properties["Bucket"], properties["Prefix"]
    versions = _upload(s3, bucket, prefix, _files(s3, properties["SourceBucket"], properties["SourceKey"]))
    _remove_others(s3, bucket, prefix, set(versions))
    log.info("deployed %d files", len(versions))
    return {"RequirementsVersion": versions[prefix + REQUIREMENTS]}


def _files(s3: Any, bucket: str, key: str) -> dict[str, bytes]:
    """Return name -> content of each file in the zip; DAG folders are small."""
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist() if not entry.is_dir()}


def _upload(s3: Any, bucket: str, prefix: str, files: dict[str, bytes]) -> dict[str, str]:
    """Upload the files; return key -> object version of each."""
    return {
        prefix + name: s3.put_object(Bucket=bucket, Key=prefix + name, Body=content)["VersionId"]
        for name, content in files.items()
    }


def _remove_others(s3: Any, bucket: str, prefix: str, kept: set[str]) -> None:
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for found in page.get("Contents", []):
            if found["Key"] not in kept:
                s3.delete_object(Bucket=bucket, Key=found["Key"])


def _answer(event: dict[str, Any], answer: dict[str, Any]) -> None:
    properties = event["ResourceProperties"]
    document = {
        # The same through all updates: else CloudFormation would delete what it takes for the old resource.
        "PhysicalResourceId": f"{properties['Bucket']}/{properties['Prefix']}",
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
        **answer,
    }
    request = urllib.request.Request(  # noqa: S310 - the address is CloudFormation's
        event["ResponseURL"], data=json.dumps(document).encode(), method="PUT", headers={"Content-Type": ""}
    )
    with urllib.request.urlopen(request, timeout=ANSWER_TIMEOUT):  # noqa: S310
        pass
