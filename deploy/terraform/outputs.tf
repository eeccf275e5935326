# Generated from what the code asks of AWS: change it there.

output "read_role_arn" {
  description = "read_role of this account in accounts.yaml"
  value       = aws_iam_role.read.arn
}

output "fix_role_arn" {
  description = "fix_role of this account in accounts.yaml"
  value       = one(aws_iam_role.fix[*].arn)
}
