# SPDX-License-Identifier: Apache-2.0
"""What CloudFormation cannot do by itself when the stack is deployed or destroyed."""
