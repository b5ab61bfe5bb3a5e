# SPDX-License-Identifier: Apache-2.0
"""ECS makes ``AWSServiceRoleForECS`` with an account's first cluster, and cannot assume it at once.

The first call that needs the role, one with capacity providers, fails; the same call later passes. A cluster
without capacity providers is made all the same. Sources:

- https://github.com/aws/containers-roadmap/issues/2614
- https://github.com/alchemy-run/alchemy/issues/1558: PutClusterCapacityProviders fails after CreateCluster
- https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles-for-clusters.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.emulator import ApiError, Response, core, error_response, service
from local_cloud.services.cloudformation.conditions import before_create

NAME, PRINCIPAL = "AWSServiceRoleForECS", "ecs.amazonaws.com"
_PATH = f"/aws-service-role/{PRINCIPAL}/"


class EcsRole:
    """The role of each account: missing, young, or ready."""

    def __init__(self) -> None:
        self._young: set[str] = set()  # accounts whose role nobody could assume yet

    def install(self) -> None:
        """Put the rule in front of the operations, and of CloudFormation, which passes them by."""
        actions = service("ecs")._ACTION_MAP
        for name in ("CreateCluster", "PutClusterCapacityProviders"):
            actions[name] = self._checked(actions[name])
        before_create("AWS::ECS::Cluster", lambda properties: self.check(properties.get("CapacityProviders")))
        before_create(
            "AWS::ECS::ClusterCapacityProviderAssociations",
            lambda properties: self.check(properties.get("CapacityProviders")),
        )

    def check(self, capacity_providers: Any) -> None:
        """Make the role where it is missing, and need it where there are capacity providers.

        Raises
        ------
        ApiError
            ``InvalidParameterException``, once in an account's life.
        """
        account = core("responses").get_account_id()
        if not any(role.get("Path") == _PATH for role in service("iam")._roles.values()):
            _create_role(account)
            self._young.add(account)
        if capacity_providers and account in self._young:
            self._young.remove(account)
            raise ApiError(
                "InvalidParameterException",
                "Unable to assume the service linked role. Please verify that the ECS service linked role "
                "exists.",
            )

    def _checked(self, operation: Any) -> Any:
        def answer(request: Mapping[str, Any]) -> Response:
            try:
                self.check(request.get("capacityProviders"))
            except ApiError as error:
                return error_response(error)
            response: Response = operation(request)
            return response

        return answer


def _create_role(account: str) -> None:
    """Make the role through IAM's own operation, which spells its name otherwise."""
    iam = service("iam")
    iam._create_service_linked_role({"AWSServiceName": [PRINCIPAL]})
    role = iam._roles.pop("AWSServiceRoleForEcs")
    role.update(RoleName=NAME, Arn=f"arn:aws:iam::{account}:role{_PATH}{NAME}")
    iam._roles[NAME] = role
