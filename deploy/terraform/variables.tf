# Generated from what the code asks of AWS: change it there.

variable "bot_principal_arn" {
  type        = string
  description = "The exact role or user that the bot runs as, never a whole account."

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[A-Za-z0-9+=,.@_/-]+$", var.bot_principal_arn))
    error_message = "The exact role or user that the bot runs as, never a whole account."
  }
}

variable "external_id" {
  type        = string
  description = "external_id of this account in accounts.yaml: random, 8 characters or more."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@:/_-]{8,1224}$", var.external_id))
    error_message = "external_id of this account in accounts.yaml: random, 8 characters or more."
  }
}

variable "role_name" {
  type        = string
  description = "How the names of both roles begin: -read and -fix are added."
  default     = "ecs-pull"

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,58}$", var.role_name))
    error_message = "How the names of both roles begin: -read and -fix are added."
  }
}

variable "with_fix_role" {
  type        = bool
  description = "Without the fix role the bot only explains."
  default     = true
}
