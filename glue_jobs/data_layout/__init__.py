# SPDX-License-Identifier: Apache-2.0
"""Where this pipeline's data lies: what an upload may be named, which data set it is, where its outputs go.

Standard library only: the Lambda function and the jobs carry it, and a DAG can.
"""
