"""What the bot listens to in Slack: one file per surface."""
