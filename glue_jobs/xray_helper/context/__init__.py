# SPDX-License-Identifier: Apache-2.0
"""Which step is around the code that runs: through threads, tasks and generators."""
