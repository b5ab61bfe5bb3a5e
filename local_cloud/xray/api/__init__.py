# SPDX-License-Identifier: Apache-2.0
"""The X-Ray API: its operations over HTTP, filter expressions, its OTLP endpoint."""
