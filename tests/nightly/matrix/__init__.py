# SPDX-License-Identifier: Apache-2.0
"""The tests of the Spark part under each version of Spark; ``python -m tests.nightly.matrix``."""
