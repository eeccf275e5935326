"""The three accounts and two Regions of the playground."""

from __future__ import annotations

TOOLS, WORKLOAD, REGISTRY = "111122223333", "222233334444", "333344445555"
TOKYO, VIRGINIA = "ap-northeast-1", "us-east-1"
CLUSTER = "main"
GIB = 1024**3
EXTERNAL_ID = "7f3c2a9e-playground"
READ_ROLE, FIX_ROLE, BOT_USER = "ecs-pull-read", "ecs-pull-fix", "ecs-pull-bot"
