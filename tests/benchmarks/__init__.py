# SPDX-License-Identifier: Apache-2.0
"""What tracing costs a job (`make bench`), and what an engine costs (`python -m tests.benchmarks.engines`)."""
