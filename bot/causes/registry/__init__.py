"""Faults at the registry: its policy, its limits, and the credentials it asks for."""
