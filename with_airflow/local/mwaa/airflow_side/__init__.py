# SPDX-License-Identifier: Apache-2.0
"""Code that runs in Airflow's own Python, not in the cloud's: it knows Airflow alone."""
