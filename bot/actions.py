"""The actions of IAM that the bot may take, and on which resources. Pure.

:data:`READS` is what the collectors ask, :data:`CHANGES` what the kinds of steps do, and
:data:`OBSERVES` what tells how far a step has come.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot import vpc_permissions

ROLE = "arn:{partition}:iam::{account}:role/*"
REPOSITORY = "arn:{partition}:ecr:*:{account}:repository/*"
SERVICE = "arn:{partition}:ecs:*:{account}:service/*"
CLUSTER = "arn:{partition}:ecs:*:{account}:cluster/*"
HOST = "arn:{partition}:ecs:*:{account}:container-instance/*"
SECRET = "arn:{partition}:secretsmanager:*:{account}:secret:*"  # noqa: S105 - an ARN
LOGINS = "ecs-pull/"  # how the names of the secrets begin that fixes make
SUFFIX = "-??????"  # what Secrets Manager appends to a name
LOGIN_STEP = "registry-login"
KEY = "arn:{partition}:kms:*:{account}:key/*"
LOG_GROUP = "arn:{partition}:logs:*:{account}:log-group:*"

# action -> the resources that it is asked about
READS: Mapping[str, tuple[str, ...]] = {
    "ecs:ListClusters": ("*",),
    "ecs:ListServices": ("*",),
    "ecs:ListTasks": ("*",),
    "ecs:DescribeTaskDefinition": ("*",),
    "ecs:DescribeTasks": ("arn:{partition}:ecs:*:{account}:task/*",),
    "ecs:DescribeServices": (SERVICE,),
    "ecs:ListContainerInstances": (CLUSTER,),
    "ecs:DescribeContainerInstances": (HOST,),
    "ecr:DescribeRepositories": (REPOSITORY,),
    "ecr:BatchGetImage": (REPOSITORY,),
    "ecr:DescribeImages": (REPOSITORY,),
    "ecr:DescribeImageReplicationStatus": (REPOSITORY,),
    "ecr:DescribeRegistry": ("*",),
    "ecr:GetLifecyclePolicy": (REPOSITORY,),
    "ecr:GetRepositoryPolicy": (REPOSITORY,),
    "iam:GetInstanceProfile": ("arn:{partition}:iam::{account}:instance-profile/*",),
    "cloudtrail:LookupEvents": ("*",),
    "kms:ListGrants": (KEY,),
    "ecr:DescribePullThroughCacheRules": ("*",),
    "ecr:GetAccountSetting": ("*",),
    "ecr:GetRegistryPolicy": ("*",),
    "ecr:ValidatePullThroughCacheRule": ("*",),
    "iam:GetRole": (ROLE,),
    "iam:GetRolePolicy": (ROLE,),
    "iam:ListAttachedRolePolicies": (ROLE,),
    "iam:ListRolePolicies": (ROLE,),
    "iam:SimulatePrincipalPolicy": (ROLE,),
    "iam:GetPolicy": (
        "arn:{partition}:iam::{account}:policy/*",
        "arn:{partition}:iam::aws:policy/*",
    ),
    "iam:GetPolicyVersion": (
        "arn:{partition}:iam::{account}:policy/*",
        "arn:{partition}:iam::aws:policy/*",
    ),
    "secretsmanager:ListSecrets": ("*",),
    "kms:DescribeKey": (KEY,),
    "kms:GetKeyPolicy": (KEY,),
    "logs:DescribeLogGroups": ("*",),
    "secretsmanager:DescribeSecret": (SECRET,),
    "secretsmanager:GetResourcePolicy": (SECRET,),
    "ssm:DescribeParameters": ("*",),
    "ec2:DescribeDhcpOptions": ("*",),
    "ec2:DescribeImages": ("*",),
    "ec2:DescribeInstances": ("*",),
    "ec2:DescribeInternetGateways": ("*",),
    "ec2:DescribeManagedPrefixLists": ("*",),
    "ec2:DescribeNatGateways": ("*",),
    "ec2:DescribeNetworkAcls": ("*",),
    "ec2:DescribeRouteTables": ("*",),
    "ec2:DescribeSecurityGroups": ("*",),
    "ec2:DescribeSubnets": ("*",),
    "ec2:DescribeVpcAttribute": ("*",),
    "ec2:DescribeVpcEndpoints": ("*",),
    "ec2:DescribeVolumes": ("*",),
    "ec2:DescribeVpcs": ("*",),
}

# The names that the roles have unless they are given others.
READ_ROLE, FIX_ROLE = "ecs-pull-read", "ecs-pull-fix"

# What the read role must never do, whatever else is attached to it.
NEVER = (
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter*",
    "kms:Decrypt",
    "logs:GetLogEvents",
    "ecr:GetAuthorizationToken",
)

# kind of step -> the reads that tell the live value of its resource
OBSERVES: Mapping[str, tuple[str, ...]] = {
    "task-definition-revision": ("ecs:DescribeTaskDefinition",),
    "service-task-definition": ("ecs:DescribeServices",),
    "service-network": ("ecs:DescribeServices",),
    "service-deployment": ("ecs:DescribeServices",),
    "container-instance-status": ("ecs:DescribeContainerInstances",),
    "container-agent": ("ecs:DescribeContainerInstances",),
    "role-policy-attachment": ("iam:ListAttachedRolePolicies",),
    "role-inline-policy": ("iam:GetRolePolicy",),
    "role-trust-policy": ("iam:GetRole",),
    "repository-policy": ("ecr:GetRepositoryPolicy",),
    "image-storage-class": ("ecr:DescribeImages",),
    "secret-deletion": ("secretsmanager:DescribeSecret",),
    LOGIN_STEP: ("secretsmanager:DescribeSecret",),
    "log-group": ("logs:DescribeLogGroups", "logs:DescribeLogStreams"),
    **vpc_permissions.OBSERVES,
}

# action of a fix -> the resources that it may touch
CHANGES: Mapping[str, tuple[str, ...]] = {
    "ecs:RegisterTaskDefinition": ("*",),
    "ecs:DeregisterTaskDefinition": ("*",),
    "ecs:DescribeTaskDefinition": ("*",),
    "ecs:TagResource": ("arn:{partition}:ecs:*:{account}:task-definition/*",),
    "ecs:UpdateService": (SERVICE,),
    "ecs:DescribeServices": (SERVICE,),
    "ecs:UpdateContainerInstancesState": (HOST,),
    "ecs:UpdateContainerAgent": (HOST,),
    "ecs:DescribeContainerInstances": (HOST,),
    "iam:PutRolePolicy": (ROLE,),
    "iam:DeleteRolePolicy": (ROLE,),
    "iam:GetRole": (ROLE,),
    "iam:ListAttachedRolePolicies": (ROLE,),
    "iam:GetRolePolicy": (ROLE,),
    "ecr:SetRepositoryPolicy": (REPOSITORY,),
    "ecr:DeleteRepositoryPolicy": (REPOSITORY,),
    "ecr:GetRepositoryPolicy": (REPOSITORY,),
    "ecr:UpdateImageStorageClass": (REPOSITORY,),
    "ecr:DescribeImages": (REPOSITORY,),
    "secretsmanager:CreateSecret": (SECRET.replace("secret:*", f"secret:{LOGINS}*"),),
    "secretsmanager:RestoreSecret": (SECRET,),
    "secretsmanager:DescribeSecret": (SECRET,),
    "logs:CreateLogGroup": (LOG_GROUP,),
    "logs:DeleteLogGroup": (LOG_GROUP,),
    "logs:DescribeLogGroups": ("*",),
    "logs:DescribeLogStreams": (LOG_GROUP,),
    **vpc_permissions.CHANGES,
}

# A secret that was restored is deleted again only so that it can be restored once more.
DELETES_SECRET = "secretsmanager:DeleteSecret"  # noqa: S105 - the name of an action
RECOVERABLE = {"NumericGreaterThanEquals": {"secretsmanager:RecoveryWindowInDays": "7"}}

# The fix role attaches these managed policies and no other: not, for instance, an administrator's.
ATTACHED = (
    "arn:{partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    "arn:{partition}:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",
)
ATTACHING = ("iam:AttachRolePolicy", "iam:DetachRolePolicy")

# Whom a role trusts is changed only where its owner said so beforehand, by this tag.
TRUSTING = "iam:UpdateAssumeRolePolicy"
OPT_IN = ("ecs-pull", "fix")
OPTED_IN = {"StringEquals": {f"aws:ResourceTag/{OPT_IN[0]}": OPT_IN[1]}}

# ECS does not know these by the ARN of a family or a revision.
UNSCOPED = frozenset(a for a, resources in CHANGES.items() if resources == ("*",))
PASSED = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}

# What the bot's own identity does; nothing has to grant the second.
OWN = ("sts:AssumeRole", "sts:GetCallerIdentity")

# Whatever the bot does: no client of it can call anything else.
ALL = frozenset(
    {*READS, *CHANGES, *ATTACHING, TRUSTING, DELETES_SECRET, *vpc_permissions.MADE, *OWN}
    | {a for reads in OBSERVES.values() for a in reads}
)
