# SPDX-License-Identifier: Apache-2.0
"""Airflow's page and API want a login: whoever reaches this machine's loopback interface is no admin."""

from __future__ import annotations

import boto3
import pytest
import requests

from with_airflow.tests.e2e.conftest import Deployment

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def address(deployment: Deployment) -> str:
    name = deployment.outputs["EnvironmentName"]
    return f"http://{boto3.client('mwaa').get_environment(Name=name)['Environment']['WebserverUrl']}"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/v2/dags"), ("GET", "/api/v2/connections"), ("PATCH", "/api/v2/dags/listings_report"),
     ("POST", "/api/v2/dags/listings_report/dagRuns")],
)  # fmt: skip
def test_a_stranger_may_nothing(address: str, method: str, path: str) -> None:
    # Without all_admins, a GET of /auth/token gives a stranger nothing either
    given = requests.get(f"{address}/auth/token", timeout=30)
    token = given.json().get("access_token", "none") if given.ok else "none"
    headers = {"Authorization": f"Bearer {token}"}
    for tried in ({}, headers):
        answer = requests.request(method, address + path, json={}, headers=tried, timeout=30)
        assert answer.status_code in (401, 403)


def test_who_may_create_a_login_token_logs_in(deployment: Deployment, address: str) -> None:
    token = boto3.client("mwaa").create_web_login_token(Name=deployment.outputs["EnvironmentName"])[
        "WebToken"
    ]
    login = {"username": "admin", "password": token}
    answer = requests.post(f"{address}/auth/token", json=login, timeout=30)
    assert answer.status_code == 201
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert requests.get(f"{address}/api/v2/dags", headers=headers, timeout=30).status_code == 200
    wrong = requests.post(f"{address}/auth/token", json={**login, "password": "wrong"}, timeout=30)
    assert wrong.status_code == 401
