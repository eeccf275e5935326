"""The application for a WSGI server of its own: ``gunicorn "handlers.wsgi:create()"``."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask

from bot.config import read_env_file, settings
from bot.logs import configure
from handlers.parts import parts


def create() -> Flask:
    """Return the application as the environment and ``.env`` describe it."""
    configure()
    return parts(settings({**read_env_file(Path(".env")), **os.environ})).site()
