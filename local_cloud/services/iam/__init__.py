# SPDX-License-Identifier: Apache-2.0
"""IAM: what a role may do, and the resource that a call is about."""
