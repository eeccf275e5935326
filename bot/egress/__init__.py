"""The way out of each subnet that pulls: what it lacks, and what would give it that. Pure.

Paths tell hop by hop whether there is a way (``bot/network``); here they become one fault for each
subnet, so that of the causes which read it exactly one holds.
"""

from bot.egress.endpoints import gateway_of, service
from bot.egress.faults import advice, exits, verdict
from bot.egress.situation import Situation, situated

__all__ = ["Situation", "advice", "exits", "gateway_of", "service", "situated", "verdict"]
