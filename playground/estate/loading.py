"""botocore's data, read once for the process: moto opens a session for each of its questions, and
each would read it anew.
"""

from __future__ import annotations

import functools

import botocore.session
from botocore.loaders import create_loader

botocore.session.create_loader = functools.cache(create_loader)
