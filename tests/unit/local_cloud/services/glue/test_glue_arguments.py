# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from local_cloud.emulator import ApiError
from local_cloud.services.glue.arguments import RunArguments


def _arguments(
    *,
    defaults: dict[str, str] | None = None,
    given: dict[str, str] | None = None,
    fixed: dict[str, str] | None = None,
) -> RunArguments:
    return RunArguments(defaults=defaults or {}, given=given or {}, fixed=fixed or {})


def test_run_arguments_replace_defaults_and_what_glue_takes_is_hidden() -> None:
    arguments = _arguments(
        defaults={"--conf": "a=b", "--day": "1", "--extra-py-files": "s3://b/k.zip", "--TempDir": "s3://b/t"},
        given={"--day": "2", "--key": "a b"},
    )
    assert arguments.script_arguments(job_name="clean", job_id="j_1", run_id="jr_1") == [
        "--day", "2", "--key", "a b",
        "--JOB_ID", "j_1", "--JOB_RUN_ID", "jr_1", "--JOB_NAME", "clean", "--TempDir", "s3://b/t",
    ]  # fmt: skip


def test_several_settings_stand_in_one_conf_argument() -> None:
    conf = "spark.sql.shuffle.partitions=8 --conf spark.x='a b' --conf spark.y=c=d"
    assert _arguments(given={"--conf": conf}).spark_configuration() == {
        "spark.sql.shuffle.partitions": "8",
        "spark.x": "a b",
        "spark.y": "c=d",
    }


def test_a_fixed_argument_cannot_be_overridden() -> None:
    with pytest.raises(ApiError) as caught:
        _arguments(given={"--day": "2"}, fixed={"--day": "1"})
    assert caught.value.code == "InvalidInputException"


def test_arguments_beyond_the_limit_are_refused() -> None:
    with pytest.raises(ApiError) as caught:
        _arguments(given={"--key": "x" * 260 * 1024})
    assert caught.value.code == "InvalidInputException"


def test_only_customer_variables_reach_the_driver() -> None:
    arguments = _arguments(given={"--customer-driver-env-vars": 'CUSTOMER_A=1,PATH=/evil,CUSTOMER_B="two"'})
    assert arguments.environment() == {"CUSTOMER_A": "1", "CUSTOMER_B": "two"}
