"""Recorded services that are broken by the role."""

from __future__ import annotations

from bot.facts import (
    ExecutionRole,
    ExecutionRolePermissions,
    TaskDefinition,
    TaskRolePermissions,
)
from tests.cases.building import Facts, case
from tests.cases.healthy import ROLE, TRUST, URI, definition, permissions

CASES: dict[str, Facts] = {
    "execution-role-unset": case(
        {
            TaskDefinition: definition(URI, role=None),
            ExecutionRole: ExecutionRole(None),
            ExecutionRolePermissions: ExecutionRolePermissions(()),
        }
    ),
    "execution-role-missing": case(
        {
            ExecutionRole: ExecutionRole(ROLE, "shop-execution", exists=False),
            ExecutionRolePermissions: ExecutionRolePermissions(()),
        }
    ),
    "execution-role-untrusted": case(
        {
            ExecutionRole: ExecutionRole(
                ROLE,
                "shop-execution",
                True,
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            **TRUST["Statement"][0],
                            "Principal": {"Service": "ec2.amazonaws.com"},
                        }
                    ],
                },
            )
        }
    ),
    "permission-on-task-role": case(
        {
            ExecutionRolePermissions: ExecutionRolePermissions(permissions("implicit-deny")),
            TaskRolePermissions: TaskRolePermissions(permissions("allowed")),
        }
    ),
    "execution-role-lacks-ecr-login": case(
        {
            ExecutionRolePermissions: ExecutionRolePermissions(
                permissions("allowed", "ecr:GetAuthorizationToken")
            )
        }
    ),
    "execution-role-lacks-image-read": case(
        {
            ExecutionRolePermissions: ExecutionRolePermissions(
                permissions("allowed", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
            )
        }
    ),
}
