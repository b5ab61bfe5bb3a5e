# SPDX-License-Identifier: Apache-2.0
"""The Lambda function that turns an uploaded object into one trace and one pipeline execution."""
