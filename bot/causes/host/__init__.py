"""Faults of where the image lands, and of the scheduler that asks for it."""
