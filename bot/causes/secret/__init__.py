"""Faults before and beside the pull: secrets, parameters and log groups that a task asks for."""
