# SPDX-License-Identifier: Apache-2.0
"""Copy the DAG folder of a deployment into the bucket that Amazon MWAA reads."""
