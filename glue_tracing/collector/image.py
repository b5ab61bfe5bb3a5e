# SPDX-License-Identifier: Apache-2.0
"""The one place that says which collector runs."""

# AWS Distro for OpenTelemetry collector 0.49.0 (2026-07-14): the tag for people, the digest for machines.
# The digest is that of the multi-architecture index (amd64 and arm64); the same index is on Docker Hub as
# amazon/aws-otel-collector:v0.49.0. Verify before an update:
#   docker buildx imagetools inspect public.ecr.aws/aws-observability/aws-otel-collector:v0.49.0
COLLECTOR_IMAGE = (
    "public.ecr.aws/aws-observability/aws-otel-collector:v0.49.0"
    "@sha256:d2bdfff2c377c3d71d78bd5d9ce9862fd535b12134a5739d87a07801297cf9fd"
)
