# SPDX-License-Identifier: Apache-2.0
"""The trace map: services, their calls, the rows between them, and where each is drawn."""
