# SPDX-License-Identifier: Apache-2.0
"""What fits into a trace: X-Ray limits the bytes of a document and of a whole trace."""
