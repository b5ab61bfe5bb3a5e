# SPDX-License-Identifier: Apache-2.0
"""From one span to the parts of an X-Ray segment document; ``xray_helper.segments`` puts them together."""
