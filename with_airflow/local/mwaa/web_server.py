# SPDX-License-Identifier: Apache-2.0
"""Airflow's web server: its one user, whose password is new with each start, and calls of its REST API."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import requests

USER = "admin"  # also the name of the role
_TIMEOUT_S = 30.0


class WebServer:
    """The web server of one environment.

    Parameters
    ----------
    port
        Where it listens on the loopback interface.

    Attributes
    ----------
    url
        Its address.
    password
        Of ``USER``.
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.password = secrets.token_urlsafe(24)
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy

    def settings(self, home: Path) -> dict[str, str]:
        """Write the password into ``AIRFLOW_HOME`` and return the options with which Airflow asks for it."""
        passwords = home / "passwords.json"
        passwords.touch(mode=0o600)
        passwords.write_text(json.dumps({USER: self.password}))
        return {
            "core.simple_auth_manager_all_admins": "False",
            "core.simple_auth_manager_users": f"{USER}:{USER}",
            "core.simple_auth_manager_passwords_file": str(passwords),
        }

    def log_in(self) -> None:
        """Get a token, which is good for a day, for the calls."""
        login = {"username": USER, "password": self.password}
        answer = self._session.post(f"{self.url}/auth/token", json=login, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        self._session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def call(self, request: dict[str, Any]) -> dict[str, Any]:
        """Make the call that an InvokeRestApi request describes; return what becomes its answer."""
        answer = self._session.request(
            request.get("Method") or "GET",
            f"{self.url}/api/v2{request.get('Path', '/')}",
            params=request.get("QueryParameters"),
            json=request.get("Body"),
            timeout=_TIMEOUT_S,
        )
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        content = answer.json() if is_json else {"body": answer.text}
        return {"RestApiStatusCode": answer.status_code, "RestApiResponse": content}
