# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from tests.unit.local_cloud.aws_rules.vpc import Vpc, make_vpc


@pytest.fixture
def vpc() -> Vpc:
    return make_vpc()
