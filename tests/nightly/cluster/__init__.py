# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between a driver, its executors and their hosts, on Spark's own cluster manager."""
