# SPDX-License-Identifier: Apache-2.0
"""The differences that our translator is to lose. An entry that occurs no more is to be deleted."""

from __future__ import annotations

from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from tests.conformance.known_type import Known, at, said


def _every_value(span: ReadableSpan) -> list[Any]:
    return [*(span.attributes or {}).values(), *span.resource.attributes.values()]


AWAITED = (
    Known(
        name="consumer spans",
        stance="awaited",
        reason=(
            "segments.py: a CONSUMER span is a segment too, with the resource in its metadata and without "
            "the namespace that aws.remote.service gives a subsegment."
        ),
        applies=lambda span, difference: (
            span.kind is SpanKind.CONSUMER
            and (difference.path in ("type", "metadata", "namespace") or "otel.resource" in difference.path)
        ),
    ),
    Known(
        name="resource of a local root",
        stance="awaited",
        reason=(
            "segments.py: an INTERNAL span with a parent that aws.span.kind=LOCAL_ROOT makes a segment "
            "carries no resource in its metadata."
        ),
        applies=lambda span, difference: (
            span.kind is SpanKind.INTERNAL and "otel.resource" in difference.path
        ),
    ),
    Known(
        name="producer spans",
        stance="awaited",
        reason=("translator/names.py: the namespace of a PRODUCER span is 'remote', as of a CLIENT."),
        applies=lambda span, difference: difference.path == "namespace" and span.kind is SpanKind.PRODUCER,
    ),
    Known(
        name="in progress",
        stance="awaited",
        reason=(
            "segments.py: the attribute aws.xray.inprogress (a boolean) is taken out; true makes "
            "in_progress true and leaves end_time out."
        ),
        applies=lambda span, difference: said(span, "aws.xray.inprogress"),
    ),
    Known(
        name="annotation list that is none",
        stance="awaited",
        reason=("translator/attributes.py: aws.xray.annotations that is no list stays in the metadata."),
        applies=at(r"metadata\.default\.aws\.xray\.annotations"),
    ),
    Known(
        name="metadata text 'null'",
        stance="awaited",
        reason=(
            "translator/attributes.py: the text 'null' under aws.xray.metadata.* makes no entry (in the "
            "namespace 'default' nothing, else null)."
        ),
        applies=lambda span, difference: (
            difference.path.startswith("metadata") and "null" in str(span.attributes)
        ),
    ),
    Known(
        name="EKS and Beanstalk",
        stance="awaited",
        reason=(
            "translator/aws.py: aws.eks (cluster_name, pod, container_id; platform aws_eks or "
            "k8s.cluster.name) and aws.elastic_beanstalk (environment_name, version_label, deployment_id "
            "as integer, 0 if it is none; only with service.instance.id) are missing."
        ),
        applies=at(r"aws\.eks.*", r"aws\.elastic_beanstalk.*"),
    ),
    Known(
        name="version of a service",
        stance="awaited",
        reason=("translator/aws.py: the first of container.image.tags comes before container.image.tag."),
        applies=at("service", r"service\.version"),
    ),
    Known(
        name="distribution",
        stance="awaited",
        reason=("translator/aws.py: telemetry.distro.version makes auto_instrumentation true too."),
        applies=at(r"aws\.xray\.auto_instrumentation"),
    ),
    Known(
        name="queue",
        stance="awaited",
        reason=("translator/aws.py: messaging.url (it stays in the metadata) wins over aws.queue_url."),
        applies=at(r"aws\.queue_url"),
    ),
    Known(
        name="AWS HTTP failures",
        stance="awaited",
        reason=(
            "translator/cause.py: on an SDK call, each event 'HTTP request failure' with "
            "http.response.status_code and aws.http.error_message is an exception: type "
            "aws.http.error.event, remote, message '<code>@<epoch seconds, 6 digits>@<text>'."
        ),
        applies=lambda span, _: any(event.name == "HTTP request failure" for event in span.events),
    ),
    Known(
        name="HTTP",
        stance="awaited",
        reason=(
            "translator/http.py: the URL's host and port come from different keys on servers (http.host, "
            "http.server_name, net.host.name, host.name, server.address; net.host.port, server.port) and "
            "on others (http.host, net.peer.name, net.peer.ip; net.peer.port); a port given as text "
            "counts; client.address and network.peer.address count only as IP addresses, and "
            "client.address alone is no HTTP; net.host.port alone is; x_forwarded_for where a client's "
            "address and no peer address is known, on every kind; network.peer.port stays in the "
            "metadata; content_length from message.type RECEIVED; status 0 is written."
        ),
        applies=lambda span, difference: (
            difference.path.startswith("http") or difference.path.endswith("network.peer.port")
        ),
    ),
    Known(
        name="network peer port",
        stance="awaited",
        reason=("See HTTP."),
        applies=lambda span, difference: difference.path == "metadata" and said(span, "network.peer.port"),
    ),
    Known(
        name="both prefixes of a service",
        stance="awaited",
        reason=("translator/names.py: of AWS.SDK. and AWS:: only the first that fits is taken off."),
        applies=lambda span, difference: difference.path == "name" and said(span, "aws.remote.service"),
    ),
    Known(
        name="capitals in a database's host",
        stance="awaited",
        reason=("translator/names.py: the host keeps its capitals (urlsplit().hostname makes them small)."),
        applies=lambda span, difference: difference.path == "name" and said(span, "db.connection_string"),
    ),
    Known(
        name="maps in the local receiver",
        stance="awaited",
        reason=(
            "local_cloud/xray/collector/otlp.py: a value that is a map (kvlist) stays a map; now it "
            "becomes JSON text, and so an annotation, which the collector makes of single values only."
        ),
        applies=lambda span, difference: (
            ("annotations" in difference.path or difference.path.endswith("key"))
            and any(isinstance(value, dict) for value in _every_value(span))
        ),
    ),
)
