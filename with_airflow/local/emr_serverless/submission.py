# SPDX-License-Identifier: Apache-2.0
"""What a job run tells spark-submit: the job driver, and the settings of run and application.

Settings come from the application's runtime configuration, then the run's, then ``sparkSubmitParameters``;
each replaces what the one before it says ("Default application configuration", EMR Serverless User Guide).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from local_cloud.emulator import ApiError
from local_cloud.services.spark.driver import Submission

_DRIVER_VARIABLE = "spark.emr-serverless.driverEnv."
_EMR_ONLY = "spark.emr-serverless."
# The image here has one Python, which is that of the job.
_PYTHON = ("PYSPARK_PYTHON", "PYSPARK_DRIVER_PYTHON")
_VALUED = ("--conf", "--py-files", "--name", "--jars", "--files", "--archives", "--packages", "--class")
_TAKEN = ("--conf", "--py-files", "--name")


def submission(
    request: Mapping[str, Any], application: Mapping[str, Any], *, run_id: str, name: str
) -> Submission:
    """Read a StartJobRun request.

    Raises
    ------
    ApiError
        ``ValidationException``: there is no ``sparkSubmit``, or an option that nothing here can do.
    """
    driver = (request.get("jobDriver") or {}).get("sparkSubmit")
    if not driver:
        raise ApiError("ValidationException", "The local cloud runs jobs with a sparkSubmit driver alone.")
    conf: dict[str, str] = {**_defaults(application.get("runtimeConfiguration")), **_overrides(request)}
    modules: list[str] = []
    for option, value in _options(driver.get("sparkSubmitParameters", "")):
        if option == "--conf":
            key, _, setting = value.partition("=")
            conf[key] = setting
        elif option == "--py-files":
            modules = [uri.strip() for uri in value.split(",") if uri.strip()]
        else:
            name = value
    return Submission(
        name=name,
        script=driver["entryPoint"],
        modules=modules,
        arguments=driver.get("entryPointArguments") or [],
        settings={key: value for key, value in conf.items() if not key.startswith(_EMR_ONLY)},
        role=str(request.get("executionRoleArn", "")),
        session=run_id,
        variables=dict(_variables(conf)),
    )


def _options(text: str) -> Iterator[tuple[str, str]]:
    words = iter(shlex.split(text))
    for word in words:
        option, has_value, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if option not in _TAKEN:
            known = "is not supported by" if option in _VALUED else "is unknown to"
            raise ApiError(
                "ValidationException", f"The spark-submit option {option} {known} the local cloud."
            )
        yield option, value if has_value else next(words, "")


def _overrides(request: Mapping[str, Any]) -> dict[str, str]:
    return _defaults((request.get("configurationOverrides") or {}).get("applicationConfiguration"))


def _defaults(configurations: list[dict[str, Any]] | None) -> dict[str, str]:
    """Read the classification ``spark-defaults``."""
    return {
        key: str(value)
        for configuration in configurations or []
        if configuration["classification"] == "spark-defaults"
        for key, value in (configuration.get("properties") or {}).items()
    }


def _variables(conf: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in conf.items():
        name = key.removeprefix(_DRIVER_VARIABLE)
        if name != key and name not in _PYTHON:
            yield name, value
