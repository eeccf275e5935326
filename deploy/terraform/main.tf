# Generated from what the code asks of AWS: change it there.

terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 4.0"
    }
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
}

resource "aws_iam_role" "read" {
  name                 = "${var.role_name}-read"
  description          = "Reads what a diagnosis of a failed image pull needs. Cannot write or see a secret."
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          AWS = var.bot_principal_arn
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "sts:ExternalId" = var.external_id
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "read" {
  name = "ecs-pull-read"
  role = aws_iam_role.read.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "cloudtrail:LookupEvents",
          "ec2:DescribeDhcpOptions",
          "ec2:DescribeImages",
          "ec2:DescribeInstances",
          "ec2:DescribeInternetGateways",
          "ec2:DescribeManagedPrefixLists",
          "ec2:DescribeNatGateways",
          "ec2:DescribeNetworkAcls",
          "ec2:DescribeRouteTables",
          "ec2:DescribeSecurityGroups",
          "ec2:DescribeSubnets",
          "ec2:DescribeVolumes",
          "ec2:DescribeVpcAttribute",
          "ec2:DescribeVpcEndpoints",
          "ec2:DescribeVpcs",
          "ecr:DescribePullThroughCacheRules",
          "ecr:DescribeRegistry",
          "ecr:GetAccountSetting",
          "ecr:GetRegistryPolicy",
          "ecr:ValidatePullThroughCacheRule",
          "ecs:DescribeTaskDefinition",
          "ecs:ListClusters",
          "ecs:ListServices",
          "ecs:ListTasks",
          "logs:DescribeLogGroups",
          "secretsmanager:ListSecrets",
          "ssm:DescribeParameters",
        ]
        Resource = ["*"]
      },
      {
        Effect   = "Allow"
        Action   = ["ecs:DescribeTasks"]
        Resource = ["arn:${local.partition}:ecs:*:${local.account}:task/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["ecs:DescribeServices"]
        Resource = ["arn:${local.partition}:ecs:*:${local.account}:service/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["ecs:ListContainerInstances"]
        Resource = ["arn:${local.partition}:ecs:*:${local.account}:cluster/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["ecs:DescribeContainerInstances"]
        Resource = ["arn:${local.partition}:ecs:*:${local.account}:container-instance/*"]
      },
      {
        Effect = "Allow"
        Action = [
          "ecr:BatchGetImage",
          "ecr:DescribeImageReplicationStatus",
          "ecr:DescribeImages",
          "ecr:DescribeRepositories",
          "ecr:GetLifecyclePolicy",
          "ecr:GetRepositoryPolicy",
        ]
        Resource = ["arn:${local.partition}:ecr:*:${local.account}:repository/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["iam:GetInstanceProfile"]
        Resource = ["arn:${local.partition}:iam::${local.account}:instance-profile/*"]
      },
      {
        Effect = "Allow"
        Action = [
          "kms:DescribeKey",
          "kms:GetKeyPolicy",
          "kms:ListGrants",
        ]
        Resource = ["arn:${local.partition}:kms:*:${local.account}:key/*"]
      },
      {
        Effect = "Allow"
        Action = [
          "iam:GetRole",
          "iam:GetRolePolicy",
          "iam:ListAttachedRolePolicies",
          "iam:ListRolePolicies",
          "iam:SimulatePrincipalPolicy",
        ]
        Resource = ["arn:${local.partition}:iam::${local.account}:role/*"]
      },
      {
        Effect = "Allow"
        Action = [
          "iam:GetPolicy",
          "iam:GetPolicyVersion",
        ]
        Resource = [
          "arn:${local.partition}:iam::${local.account}:policy/*",
          "arn:${local.partition}:iam::aws:policy/*",
        ]
      },
      {
        Effect = "Allow"
        Action = [
          "secretsmanager:DescribeSecret",
          "secretsmanager:GetResourcePolicy",
        ]
        Resource = ["arn:${local.partition}:secretsmanager:*:${local.account}:secret:*"]
      },
      {
        Sid    = "Never"
        Effect = "Deny"
        Action = [
          "secretsmanager:GetSecretValue",
          "ssm:GetParameter*",
          "kms:Decrypt",
          "logs:GetLogEvents",
          "ecr:GetAuthorizationToken",
        ]
        Resource = "*"
      },
    ]
  })
}

resource "aws_iam_role" "fix" {
  count = var.with_fix_role ? 1 : 0

  name                 = "${var.role_name}-fix"
  description          = "Assumed only to apply an approved fix, with a session policy of exactly its calls."
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Principal = {
          AWS = var.bot_principal_arn
        }
        Action = "sts:AssumeRole"
        Condition = {
          StringEquals = {
            "sts:ExternalId" = var.external_id
          }
          StringLike = {
            "sts:SourceIdentity" = [
              "U*",
              "W*",
            ]
            "aws:RequestTag/plan" = "?*"
          }
        }
      },
      {
        Effect = "Allow"
        Principal = {
          AWS = var.bot_principal_arn
        }
        Action = "sts:SetSourceIdentity"
        Condition = {
          StringLike = {
            "sts:SourceIdentity" = [
              "U*",
              "W*",
            ]
          }
        }
      },
      {
        Effect = "Allow"
        Principal = {
          AWS = var.bot_principal_arn
        }
        Action = "sts:TagSession"
        Condition = {
          StringLike = {
            "aws:RequestTag/plan" = "?*"
          }
          "ForAllValues:StringEquals" = {
            "aws:TagKeys" = [
              "plan",
              "approver",
              "reference",
            ]
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "fix" {
  count = var.with_fix_role ? 1 : 0

  name = "ecs-pull-fix"
  role = aws_iam_role.fix[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "ec2:DescribeSecurityGroups",
          "ec2:DescribeVpcAttribute",
          "ec2:DescribeVpcEndpoints",
          "ecs:DeregisterTaskDefinition",
          "ecs:DescribeTaskDefinition",
          "ecs:RegisterTaskDefinition",
          "logs:DescribeLogGroups",
          "route53:AssociateVPCWithHostedZone",
        ]
        Resource = ["*"]
      },
      {
        Effect   = "Allow"
        Action   = ["ecs:TagResource"]
        Resource = ["arn:${local.partition}:ecs:*:${local.account}:task-definition/*"]
      },
      {
        Effect = "Allow"
        Action = [
          "ecs:DescribeServices",
          "ecs:UpdateService",
        ]
        Resource = ["arn:${local.partition}:ecs:*:${local.account}:service/*"]
      },
      {
        Effect = "Allow"
        Action = [
          "ecs:DescribeContainerInstances",
          "ecs:UpdateContainerAgent",
          "ecs:UpdateContainerInstancesState",
        ]
        Resource = ["arn:${local.partition}:ecs:*:${local.account}:container-instance/*"]
      },
      {
        Effect = "Allow"
        Action = [
          "iam:DeleteRolePolicy",
          "iam:GetRole",
          "iam:GetRolePolicy",
          "iam:ListAttachedRolePolicies",
          "iam:PutRolePolicy",
        ]
        Resource = ["arn:${local.partition}:iam::${local.account}:role/*"]
      },
      {
        Effect = "Allow"
        Action = [
          "ecr:DeleteRepositoryPolicy",
          "ecr:DescribeImages",
          "ecr:GetRepositoryPolicy",
          "ecr:SetRepositoryPolicy",
          "ecr:UpdateImageStorageClass",
        ]
        Resource = ["arn:${local.partition}:ecr:*:${local.account}:repository/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["secretsmanager:CreateSecret"]
        Resource = ["arn:${local.partition}:secretsmanager:*:${local.account}:secret:ecs-pull/*"]
      },
      {
        Effect = "Allow"
        Action = [
          "secretsmanager:DescribeSecret",
          "secretsmanager:RestoreSecret",
        ]
        Resource = ["arn:${local.partition}:secretsmanager:*:${local.account}:secret:*"]
      },
      {
        Effect = "Allow"
        Action = [
          "logs:CreateLogGroup",
          "logs:DeleteLogGroup",
          "logs:DescribeLogStreams",
        ]
        Resource = ["arn:${local.partition}:logs:*:${local.account}:log-group:*"]
      },
      {
        Effect = "Allow"
        Action = [
          "ec2:AuthorizeSecurityGroupEgress",
          "ec2:AuthorizeSecurityGroupIngress",
          "ec2:RevokeSecurityGroupEgress",
          "ec2:RevokeSecurityGroupIngress",
        ]
        Resource = ["arn:${local.partition}:ec2:*:${local.account}:security-group/*"]
      },
      {
        Effect = "Allow"
        Action = ["ec2:CreateVpcEndpoint"]
        Resource = [
          "arn:${local.partition}:ec2:*:${local.account}:route-table/*",
          "arn:${local.partition}:ec2:*:${local.account}:security-group/*",
          "arn:${local.partition}:ec2:*:${local.account}:subnet/*",
          "arn:${local.partition}:ec2:*:${local.account}:vpc-endpoint/*",
          "arn:${local.partition}:ec2:*:${local.account}:vpc/*",
        ]
      },
      {
        Effect   = "Allow"
        Action   = ["ec2:ModifyVpcAttribute"]
        Resource = ["arn:${local.partition}:ec2:*:${local.account}:vpc/*"]
      },
      {
        Effect = "Allow"
        Action = ["ec2:ModifyVpcEndpoint"]
        Resource = [
          "arn:${local.partition}:ec2:*:${local.account}:route-table/*",
          "arn:${local.partition}:ec2:*:${local.account}:vpc-endpoint/*",
        ]
      },
      {
        Effect = "Allow"
        Action = [
          "iam:AttachRolePolicy",
          "iam:DetachRolePolicy",
        ]
        Resource = ["arn:${local.partition}:iam::${local.account}:role/*"]
        Condition = {
          ArnEquals = {
            "iam:PolicyARN" = [
              "arn:${local.partition}:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
              "arn:${local.partition}:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",
            ]
          }
        }
      },
      {
        Effect   = "Allow"
        Action   = ["iam:UpdateAssumeRolePolicy"]
        Resource = ["arn:${local.partition}:iam::${local.account}:role/*"]
        Condition = {
          StringEquals = {
            "aws:ResourceTag/ecs-pull" = "fix"
          }
        }
      },
      {
        Effect   = "Allow"
        Action   = ["iam:PassRole"]
        Resource = ["arn:${local.partition}:iam::${local.account}:role/*"]
        Condition = {
          StringEquals = {
            "iam:PassedToService" = "ecs-tasks.amazonaws.com"
          }
        }
      },
      {
        Effect   = "Allow"
        Action   = ["secretsmanager:DeleteSecret"]
        Resource = ["arn:${local.partition}:secretsmanager:*:${local.account}:secret:*"]
        Condition = {
          NumericGreaterThanEquals = {
            "secretsmanager:RecoveryWindowInDays" = "7"
          }
        }
      },
      {
        Effect   = "Allow"
        Action   = ["ec2:CreateTags"]
        Resource = ["arn:${local.partition}:ec2:*:${local.account}:vpc-endpoint/*"]
        Condition = {
          StringEquals = {
            "ec2:CreateAction" = "CreateVpcEndpoint"
          }
        }
      },
      {
        Effect   = "Allow"
        Action   = ["ec2:DeleteVpcEndpoints"]
        Resource = ["arn:${local.partition}:ec2:*:${local.account}:vpc-endpoint/*"]
        Condition = {
          StringLike = {
            "aws:ResourceTag/ecs-pull" = "*"
          }
        }
      },
      {
        Sid    = "NotItself"
        Effect = "Deny"
        Action = ["iam:*"]
        Resource = [
          "arn:${local.partition}:iam::${local.account}:role/${var.role_name}-read",
          "arn:${local.partition}:iam::${local.account}:role/${var.role_name}-fix",
        ]
      },
    ]
  })
}
