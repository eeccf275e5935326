"""The seal that all processes of a test share."""

from __future__ import annotations

from bot.sealing import Seal

SEAL = Seal.of("the secret of all processes of a test")
