# SPDX-License-Identifier: Apache-2.0
"""The OpenTelemetry collector: its configuration, and how to build it."""
