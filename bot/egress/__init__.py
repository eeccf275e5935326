"""The way out of each subnet that pulls: what it lacks, and what would give it that. Pure.

Paths tell hop by hop whether there is a way (``bot/network``); here they become one fault for each
subnet, so that of the causes which read it exactly one holds.
"""

from bot.egress.endpoints import gateway_of, service, to_nat
from bot.egress.faults import Exit, advice, exits, outward, verdict
from bot.egress.situation import Situation, situated

__all__ = [
    "Exit",
    "Situation",
    "advice",
    "exits",
    "gateway_of",
    "outward",
    "service",
    "situated",
    "to_nat",
    "verdict",
]
