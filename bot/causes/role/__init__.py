"""Faults of the role that pulls: there is none, it cannot be assumed, it may not pull."""
