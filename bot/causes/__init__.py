"""One file per cause, in groups."""
