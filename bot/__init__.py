"""Explain a failed Amazon ECS image pull, and repair it once a person has approved."""
