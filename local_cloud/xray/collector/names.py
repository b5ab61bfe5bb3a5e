# SPDX-License-Identifier: Apache-2.0
"""Private DNS names, answered from the Cloud Map services that are deployed."""

from __future__ import annotations

import sys

COLLECTOR_PORT = 4318  # OTLP over HTTP


def is_deployed(host: str) -> bool:
    """Return whether ``service.namespace`` is the name of a Cloud Map service that exists now.

    Examples
    --------
    A service ``collector`` in the namespace ``otel.local`` answers for ``collector.otel.local``.
    """
    # Nothing is deployed before the first request for Cloud Map has loaded its module.
    cloud_map = sys.modules.get("ministack.services.servicediscovery")
    if cloud_map is None:
        return False
    namespaces = {
        namespace["Id"]: namespace["Name"] for namespace in list(cloud_map._namespaces.all_values())
    }
    names = {
        f"{service['Name']}.{namespaces[service['NamespaceId']]}".lower()
        for service in list(cloud_map._services.all_values())
        if service["NamespaceId"] in namespaces
    }
    return host.lower().rstrip(".") in names
