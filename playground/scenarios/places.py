"""The three accounts and two Regions of the playground, and where in a VPC a service runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

TOOLS, WORKLOAD, REGISTRY = "111122223333", "222233334444", "333344445555"
TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"
CLUSTER = "main"
GIB = 1024**3
EXTERNAL_ID = "7f3c2a9e-playground"
READ_ROLE, FIX_ROLE, BOT_USER = "ecs-pull-read", "ecs-pull-fix", "ecs-pull-bot"


@dataclass(frozen=True, slots=True)
class Network:
    """Where tasks of a service run; ECS tries the first subnet first."""

    subnet: str
    group: str
    public_ip: bool
    spare: str | None = None

    @property
    def configuration(self) -> dict[str, Any]:
        return {
            "awsvpcConfiguration": {
                "subnets": [s for s in (self.subnet, self.spare) if s],
                "securityGroups": [self.group],
                "assignPublicIp": "ENABLED" if self.public_ip else "DISABLED",
            }
        }
