"""The proof that a release cannot lose a safeguard, over every reachable state, or a run that does lose it."""
