# SPDX-License-Identifier: Apache-2.0
"""What a Python shell job of Python 3.9 finds beside boto3, by what its files import."""

from __future__ import annotations

import pytest

from local_cloud.services.glue.library_set import wanted

_PANDAS = ["numpy==1.22.3", "pandas==1.4.2"]


@pytest.mark.parametrize(
    "text",
    [
        "import sys, pandas, boto3",
        "import pandas.io.parsers as parsers",
        "from pandas import DataFrame",
        "def load():\n    try:\n        import pandas as pd\n    except ImportError:\n        pd = None",
    ],
)
def test_a_package_is_wanted_however_it_is_imported(text: str) -> None:
    assert wanted([text], {}) == _PANDAS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "from . import pandas",
        "from .pandas import x",
        "import mypandas",
        "# import pandas",
        "import pandas as",
        "\0",
    ],
)
def test_what_imports_nothing_of_the_set_wants_nothing(text: str) -> None:
    assert wanted([text], {}) == []


def test_modules_beside_the_script_count_and_no_package_twice() -> None:
    assert wanted(["import numpy", "import sklearn, pandas"], {}) == [*_PANDAS, "scikit-learn==1.0.2"]


@pytest.mark.parametrize("name", ["library-set", "--library-set"])
def test_the_set_can_be_refused(name: str) -> None:
    assert wanted(["import pandas"], {name: "none"}) == []
    assert wanted(["import pandas"], {name: "analytics"}) == _PANDAS
