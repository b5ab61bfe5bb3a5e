# SPDX-License-Identifier: Apache-2.0
"""Traces a script as it is: ``python -m xray_helper.run [OPTIONS] SCRIPT [ARGUMENTS]``."""
