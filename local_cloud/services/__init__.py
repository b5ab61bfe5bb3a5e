# SPDX-License-Identifier: Apache-2.0
"""AWS services as ministack lacks or simplifies them: a folder for each."""
