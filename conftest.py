# SPDX-License-Identifier: Apache-2.0
"""No test knows an AWS account of the user's."""

from tests.no_account import forget_account

forget_account()
