# SPDX-License-Identifier: Apache-2.0
"""Where things are: everything is found from this file, nothing from the working directory."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
OUTPUT = BUILD / "demo"
CDK_CLI = ROOT / "node_modules" / ".bin" / "cdk"
