"""Faults of the way to the registry."""
