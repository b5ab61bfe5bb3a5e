# SPDX-License-Identifier: Apache-2.0
"""Traces from files, in the forms in which people have them: `shapes` (X-Ray) and `spans` (OpenTelemetry)."""
