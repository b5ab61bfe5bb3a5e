# SPDX-License-Identifier: Apache-2.0
"""What tracing costs a job, `make bench`; and two engines in turn, `tests.nightly.benchmarks.engines`."""
