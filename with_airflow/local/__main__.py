# SPDX-License-Identifier: Apache-2.0
"""``python -m with_airflow.local VERSION``: build, once, what makes this installed Airflow start fast."""

import sys

from with_airflow.local.mwaa.database import default_airflow_home, prepare

print(prepare(default_airflow_home(sys.argv[1])))
