"""The steps of `check --probe`: why a source does not work, and what to do."""
