# SPDX-License-Identifier: Apache-2.0
from tests.spark.jobs.conftest import spark

__all__ = ["spark"]
