"""Faults of what is pulled: the image, its tag or digest, its repository, its reference."""
