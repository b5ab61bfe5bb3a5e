# SPDX-License-Identifier: Apache-2.0
"""The segments that Lambda and Step Functions send, whose own work they watch."""
