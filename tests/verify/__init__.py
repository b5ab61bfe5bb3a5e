# SPDX-License-Identifier: Apache-2.0
"""``make verify``: hold an AWS account, or a local cloud, against what the e2e tests hold.

It deploys under a name of its own, runs a good and a broken file, checks, and removes everything. The
expectations are those of ``tests/e2e/expectations``.
"""
