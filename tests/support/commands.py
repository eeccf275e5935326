"""The command line in this process: what it prints."""

from __future__ import annotations

import io

from bot import cli
from bot.__main__ import parser


def run(*words):
    """The status of a command, what it printed, and what it complained of."""
    out, err = io.StringIO(), io.StringIO()
    status = cli.run(parser().parse_args([*words]), None, out, err)
    return status, out.getvalue(), err.getvalue()
