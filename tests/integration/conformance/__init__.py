# SPDX-License-Identifier: Apache-2.0
"""Some of these are programs, which pytest's conftest.py does not protect from an account of the user's."""

from tests.no_account import forget_account

forget_account()
