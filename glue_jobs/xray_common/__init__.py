# SPDX-License-Identifier: Apache-2.0
"""What the Lambda function, the jobs, the viewer and the local cloud share about X-Ray.

Standard library only, for Python 3.9 and newer: the Lambda function and every Glue job carry it.
"""
