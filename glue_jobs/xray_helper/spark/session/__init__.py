# SPDX-License-Identifier: Apache-2.0
"""One traced job in one SparkContext: connects the rooms beside it, and is known to none of them."""
