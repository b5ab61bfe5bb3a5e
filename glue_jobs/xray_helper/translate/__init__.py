# SPDX-License-Identifier: Apache-2.0
"""From one span to an X-Ray segment document; ``segments`` puts the parts of one together."""
