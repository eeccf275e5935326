"""Words (Jinja2) and layout (Block Kit, terminal). No other module speaks to a person."""
