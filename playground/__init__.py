"""A Slack workspace and an AWS estate on this machine, to try everything without either."""
