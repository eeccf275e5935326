"""The way out of each subnet that pulls: what it lacks, what closes it, and what would open it. Pure.

Paths tell hop by hop whether there is a way (``bot/network``); here they become faults of each
subnet, so that of the causes which read them exactly one speaks of a closed hop.
"""

from bot.egress.endpoints import across, gateway_of, layer_list, service, to_nat
from bot.egress.faults import Exit, better, exits, faulty, outward, struck
from bot.egress.hops import FILTERING, REFUSING, Closure
from bot.egress.leaving import away_from, leaving, stays
from bot.egress.situation import Situation, situated
from bot.egress.verdicts import (
    advice,
    beside,
    closed_by,
    hop_verdict,
    repair,
    tables_of,
    verdict,
)

__all__ = [
    "FILTERING",
    "REFUSING",
    "Closure",
    "Exit",
    "Situation",
    "across",
    "advice",
    "away_from",
    "beside",
    "better",
    "closed_by",
    "exits",
    "faulty",
    "gateway_of",
    "hop_verdict",
    "layer_list",
    "leaving",
    "outward",
    "repair",
    "service",
    "situated",
    "stays",
    "struck",
    "tables_of",
    "to_nat",
    "verdict",
]
