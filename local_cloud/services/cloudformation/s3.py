# SPDX-License-Identifier: Apache-2.0
"""What a bucket of a template needs besides: tags, encryption, and a delete that may fail."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from local_cloud.emulator import provisioners, service
from local_cloud.services.cloudformation.registry import Created, Properties, tags_of


def install() -> None:
    """Extend ``AWS::S3::Bucket``."""
    handlers = provisioners()._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    create, update = handlers["create"], handlers["update"]

    def create_bucket(logical_id: str, properties: Properties, stack_name: str) -> Created:
        name, attributes = create(logical_id, properties, stack_name)
        _apply(name, properties)
        return name, _with_dual_stack(name, attributes)

    def update_bucket(physical_id: str, old: Properties, new: Properties, stack_name: str) -> Created:
        name, attributes = update(physical_id, old, new, stack_name)
        _apply(name, new)
        return name, _with_dual_stack(name, attributes)

    handlers.update(create=create_bucket, update=update_bucket, delete=_delete)


def _with_dual_stack(name: str, attributes: dict[str, Any]) -> dict[str, Any]:
    region = service("s3").get_region()
    return {**attributes, "DualStackDomainName": f"{name}.s3.dualstack.{region}.amazonaws.com"}


def _apply(name: str, properties: Properties) -> None:
    s3 = service("s3")
    tags = tags_of(properties)
    if tags:
        s3._bucket_tags[name] = tags
    else:
        s3._bucket_tags.pop(name, None)
    encryption = properties.get("BucketEncryption")
    if encryption:
        s3._put_bucket_encryption(name, _encryption_xml(encryption))


def _encryption_xml(encryption: Properties) -> bytes:
    """Return the property as the body of PutBucketEncryption."""
    root = ElementTree.Element("ServerSideEncryptionConfiguration")
    for rule in encryption.get("ServerSideEncryptionConfiguration", []):
        element = ElementTree.SubElement(root, "Rule")
        default = rule.get("ServerSideEncryptionByDefault", {})
        by_default = ElementTree.SubElement(element, "ApplyServerSideEncryptionByDefault")
        for name in ("SSEAlgorithm", "KMSMasterKeyID"):
            if name in default:
                ElementTree.SubElement(by_default, name).text = str(default[name])
        enabled = str(rule.get("BucketKeyEnabled", False)).lower()
        ElementTree.SubElement(element, "BucketKeyEnabled").text = enabled
    return ElementTree.tostring(root)


def _delete(name: str, properties: Properties) -> None:
    """Delete as S3 does: a bucket that holds an object or a version stays, and the stack's delete fails."""
    s3 = service("s3")
    if name not in s3._buckets:
        return
    status, _, body = s3._delete_bucket(name)
    if status >= 400:
        raise ValueError(f"The bucket {name} cannot be deleted: {body!r}")
    for store in (s3._bucket_tags, s3._bucket_notifications, s3._bucket_policies):
        store.pop(name, None)
