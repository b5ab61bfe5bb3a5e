# SPDX-License-Identifier: Apache-2.0
"""Log lines that find their run, from the job and from Spark's workers."""
