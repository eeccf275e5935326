"""The version, told on Home and in ``/healthz``."""

VERSION = "0.1.0"
