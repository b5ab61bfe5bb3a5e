# SPDX-License-Identifier: Apache-2.0
"""Amazon MWAA in front of the two jobs: a second stack, only with ``-c airflow=mwaa``."""
