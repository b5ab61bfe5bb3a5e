# SPDX-License-Identifier: Apache-2.0
"""How the spans of a job leave it: through the collector, else to X-Ray directly, else into a file."""
