# SPDX-License-Identifier: Apache-2.0
"""What a bucket of a template needs besides: tags, encryption, and a delete that may fail."""

from __future__ import annotations

from xml.etree import ElementTree

from local_cloud.emulator import service
from local_cloud.services.cloudformation.registry import Created, Properties, extend, tags_of


def install() -> None:
    """Extend ``AWS::S3::Bucket``."""
    extend("AWS::S3::Bucket", _completed, delete=_delete)


def _completed(bucket: Created, properties: Properties) -> Created:
    s3, (name, attributes) = service("s3"), bucket
    tags = tags_of(properties)
    if tags:
        s3._bucket_tags[name] = tags
    else:
        s3._bucket_tags.pop(name, None)
    encryption = properties.get("BucketEncryption")
    if encryption:
        s3._put_bucket_encryption(name, _encryption_xml(encryption))
    domain = f"{name}.s3.dualstack.{s3.get_region()}.amazonaws.com"
    return name, {**attributes, "DualStackDomainName": domain}


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
