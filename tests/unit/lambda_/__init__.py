# SPDX-License-Identifier: Apache-2.0
"""Tests of lambda/start_pipeline."""
